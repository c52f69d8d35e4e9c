import { z } from 'zod';
import { createId } from '../auth/tokens.ts';
import { Prisma } from '../database/database.ts';
import { stateIn } from '../database/state-in.ts';
import { type ActivationError, activationError } from './error.ts';
import { LOST, type Write } from './settle.ts';
import { ACTIVATION_SETTLED_CHANNEL } from './settled-channel.ts';

const endedSchema = z.object({ removalId: z.string().nullable() });

/** When an activation may be ended by somebody who does not hold it. */
const CONDITIONS = {
  /** No worker has touched it. */
  pending: Prisma.raw(stateIn('a.state', 'pending')),
  /** Its deadline has passed. */
  overdue: Prisma.raw(`${stateIn('a.state', 'pending', 'running')} AND a.deadline_at <= now()`),
  /** No attempt is under way any more: the queue gave it up. */
  unfinished: Prisma.raw(stateIn('a.state', 'pending', 'running')),
} as const;

/**
 * Ends an activation as failed on which no attempt of ours is under way, if it is still as `only` says. A job that turns up later finds a
 * finished row and does nothing. If any attempt was ever made, something may exist in Chatwoot: its removal is written with it.
 */
export async function abandonActivation(
  prisma: Prisma.TransactionClient,
  activationId: string,
  error: ActivationError,
  { only }: { only: keyof typeof CONDITIONS },
): Promise<Write> {
  const [row] = await prisma.$queryRaw<unknown[]>`
    WITH ended AS (
      UPDATE activations a
      SET state = 'failed', error = ${JSON.stringify(error)}::jsonb, chatwoot_token = NULL, finished_at = now()
      FROM instances i
      WHERE a.id = ${activationId} AND i.id = a.instance_id AND ${CONDITIONS[only]}
      RETURNING a.id, a.attempt, i.id AS instance_id, i.name AS instance_name, i.account_id
    ), removal AS (
      INSERT INTO removals (id, instance_id, instance_name, account_id, activation_id, reason)
      SELECT ${createId('rem')}, instance_id, instance_name, account_id, id, 'activation_failed'::removal_reason
      FROM ended WHERE attempt > 0
      RETURNING id
    )
    SELECT removal.id AS "removalId", pg_notify(${ACTIVATION_SETTLED_CHANNEL}, ended.id)::text AS notified
    FROM ended LEFT JOIN removal ON true`;
  if (row === undefined) return LOST;
  const { removalId } = endedSchema.parse(row);
  return { kind: 'written', removalIds: removalId === null ? [] : [removalId] };
}

/** Ends an activation whose deadline has passed, so that it does not stand in the way of the next one. */
export const expireActivation = (prisma: Prisma.TransactionClient, activationId: string): Promise<Write> =>
  abandonActivation(prisma, activationId, activationError('activation_expired', { activationId }), { only: 'overdue' });
