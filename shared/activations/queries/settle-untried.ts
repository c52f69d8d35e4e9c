import type pg from 'pg';
import { z } from 'zod';
import { stateIn } from '../../database/state-in.ts';
import type { ActivationError } from '../error.ts';
import { ACTIVATION_SETTLED_CHANNEL } from '../settled-channel.ts';

/** One that nobody has tried, and what it is told. */
export interface Untried {
  readonly id: string;
  readonly error: ActivationError;
}

const settledRows = z.array(
  z.object({
    id: z.string(),
    requestId: z.string().nullable(),
    instanceId: z.string(),
    instance: z.string(),
    queueWaitMs: z.number(),
  }),
);
export type SettledUntried = z.infer<typeof settledRows>[number];

/**
 * Ends activations that nobody has begun as failed, all in one statement, and answers which. One that has been tried before is left alone, since
 * that try may have left something, and so is one that is just being claimed. They come in arrays: of a recordset of JSON PostgreSQL expects a
 * hundred rows, and would rather read the table than look each of them up.
 */
export async function settleUntried(pool: pg.Pool, worker: string, untried: readonly Untried[]): Promise<SettledUntried[]> {
  const { rows } = await pool.query({
    name: 'settle_untried',
    text: `WITH due AS MATERIALIZED (
        SELECT a.id, told.error::jsonb AS error, i.id AS instance_id, i.name,
               round(extract(epoch FROM now() - a.created_at) * 1000)::float8 AS waited_ms
          FROM unnest((SELECT $1::text[]), (SELECT $4::text[])) AS told (id, error)
          JOIN activations a ON a.id = told.id
          JOIN instances i ON i.id = a.instance_id
         WHERE ${stateIn('a.state', 'pending')} AND a.attempt = 0 AND a.deadline_at > now()
           FOR UPDATE OF a SKIP LOCKED
      ), ended AS (
        UPDATE activations a
           SET state = 'failed', attempt = 1, error = due.error, chatwoot_token = NULL, started_at = now(), finished_at = now(),
               trace = jsonb_build_array(jsonb_build_object('attempt', 1, 'worker', $2::text,
                 'startedAt', to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
                 'queueWaitMs', due.waited_ms, 'outcome', due.error->>'code'))
          FROM due WHERE a.id = due.id
        RETURNING a.id, a.request_id, due.instance_id, due.name, due.waited_ms
      )
      SELECT id, request_id AS "requestId", instance_id AS "instanceId", name AS instance, waited_ms AS "queueWaitMs",
             pg_notify($3, id)::text AS notified
        FROM ended`,
    values: [
      ...[untried.map(({ id }) => id), worker, ACTIVATION_SETTLED_CHANNEL],
      untried.map(({ error }) => JSON.stringify(error)),
    ],
  });
  return settledRows.parse(rows);
}
