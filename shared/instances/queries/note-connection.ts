import type { PrismaClient } from '../../database/database.ts';
import type { PhoneState } from '../../engines/event.ts';

export interface ToldConnection {
  readonly state: PhoneState;
  /** The engine's own word. */
  readonly told: string;
  /** When it became so, where the engine says that. */
  readonly at?: Date | undefined;
}

const TOLD_LENGTH = 200;

/**
 * Records how a phone's connection is. What is older than what is known is left out: engines repeat what they could not deliver, and keep
 * no order. Resolves with whether the state has changed.
 */
export async function noteConnection(
  prisma: PrismaClient,
  instanceId: string,
  { state, told, at }: ToldConnection,
): Promise<boolean> {
  const rows = await prisma.$queryRaw<unknown[]>`
    WITH before AS (
      SELECT id, connection_state AS state, least(coalesce(${at ?? null}::timestamptz, now()), now()) AS at FROM instances
       WHERE id = ${instanceId} FOR UPDATE
    )
    UPDATE instances i SET connection_state = ${state}, connection_told = ${told.slice(0, TOLD_LENGTH)},
      connection_changed_at = CASE WHEN before.state = ${state} THEN i.connection_changed_at ELSE before.at END
      FROM before
     WHERE i.id = before.id AND (i.connection_state, i.connection_told) <> (${state}, ${told.slice(0, TOLD_LENGTH)})
       AND (i.connection_changed_at IS NULL OR i.connection_changed_at <= before.at)
    RETURNING before.state <> ${state} AS changed`;
  return rows.some((row) => typeof row === 'object' && row !== null && 'changed' in row && row.changed === true);
}
