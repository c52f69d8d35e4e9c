import type pg from 'pg';
import { z } from 'zod';
import { createId } from '../../auth/tokens.ts';
import { stateIn } from '../../database/state-in.ts';
import type { ActivationError } from '../error.ts';
import { ACTIVATION_SETTLED_CHANNEL } from '../settled-channel.ts';
import type { ActivationTrace } from '../trace.ts';

/** What is written where an activation fails. */
export interface Failure {
  readonly activationId: string;
  /** The claim: where another one holds the activation now, nothing is written. */
  readonly attempt: number;
  readonly error: ActivationError;
  /** Of all tries, this one included. */
  readonly trace: ActivationTrace;
  /** Whether what it may have left at the bridge is to be removed. */
  readonly undo: boolean;
}

const settledRow = z.object({ removalIds: z.array(z.string()) });

/** Records that an activation has failed for good. Undefined where the claim is lost. */
export async function settleFailed(pool: pg.Pool, failure: Failure): Promise<z.infer<typeof settledRow> | undefined> {
  const { rows } = await pool.query({
    name: 'settle_failed',
    text: `WITH ended AS (
        UPDATE activations a
           SET state = 'failed', error = $3::jsonb, trace = $4::jsonb, chatwoot_token = NULL, finished_at = now()
          FROM instances i
         WHERE a.id = $1 AND a.attempt = $2 AND ${stateIn('a.state', 'running')} AND i.id = a.instance_id
        RETURNING a.id, i.id AS instance_id, i.name AS instance_name, i.account_id
      ), removal AS (
        INSERT INTO removals (id, instance_id, instance_name, account_id, activation_id, reason)
        SELECT $5, instance_id, instance_name, account_id, id, 'activation_failed'::removal_reason FROM ended WHERE $6::boolean
        RETURNING id
      )
      SELECT ARRAY(SELECT id FROM removal) AS "removalIds", pg_notify($7, ended.id)::text AS notified FROM ended`,
    values: [
      ...[failure.activationId, failure.attempt, JSON.stringify(failure.error), JSON.stringify(failure.trace)],
      ...[createId('rem'), failure.undo, ACTIVATION_SETTLED_CHANNEL],
    ],
  });
  return rows[0] === undefined ? undefined : settledRow.parse(rows[0]);
}
