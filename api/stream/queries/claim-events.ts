import { z } from 'zod';
import type { PrismaClient } from '../../../shared/database/database.ts';

export interface ClaimedEvent {
  readonly sequence: number;
  /** The envelope as JSON text, or its outline. */
  readonly payload: string;
  readonly isOutline: boolean;
  /** Whether it was handed to a bridge before: Chatwoot may have it already. */
  readonly redelivered: boolean;
  /** Which engine reads it; null for that of the instance. */
  readonly engineKind: string | null;
}

const claimedRows = z.array(
  z.object({
    sequence: z.bigint().transform(Number),
    payload: z.string(),
    isOutline: z.boolean(),
    redelivered: z.boolean(),
    engineKind: z.string().nullable(),
  }),
);

/**
 * Notes that these are being handed out, and returns them in order, as `outlines` where they have one and those are wanted. One that was
 * acknowledged meanwhile is left out.
 */
export async function claimEvents(
  prisma: PrismaClient,
  instanceId: string,
  sequences: readonly number[],
  outlines: boolean,
): Promise<ClaimedEvent[]> {
  const rows = await prisma.$queryRaw`
    WITH before AS (
      SELECT sequence, first_sent_at IS NOT NULL AS redelivered FROM engine_events
       WHERE instance_id = ${instanceId} AND sequence = ANY (${[...sequences]}::bigint[]) AND acked_at IS NULL FOR UPDATE
    )
    UPDATE engine_events e SET first_sent_at = coalesce(e.first_sent_at, now()) FROM before
     WHERE e.instance_id = ${instanceId} AND e.sequence = before.sequence
    RETURNING e.sequence, before.redelivered, e.engine_kind AS "engineKind",
      ${outlines}::boolean AND e.outline IS NOT NULL AS "isOutline",
      CASE WHEN ${outlines}::boolean AND e.outline IS NOT NULL THEN e.outline ELSE e.payload END AS payload`;
  return claimedRows.parse(rows).sort((left, right) => left.sequence - right.sequence);
}
