import type pg from 'pg';
import { z } from 'zod';
import { idIn } from '../../../shared/database/id-in.ts';

const settledRows = z.array(
  z.object({
    id: z.string(),
    state: z.string(),
    bridgeIntegrationId: z.string().nullable(),
    previousInbox: z.unknown(),
    oldRelease: z.string().nullable(),
    error: z.unknown(),
  }),
);

/** Those of these activations that have ended, as their rows say. */
export async function readSettled(pool: pg.Pool, ids: readonly string[]): Promise<z.infer<typeof settledRows>> {
  const { rows } = await pool.query({
    name: 'read_settled',
    text: `SELECT id, state, bridge_integration_id AS "bridgeIntegrationId", previous_inbox AS "previousInbox",
        old_release AS "oldRelease", error
      FROM activations WHERE ${idIn('id', '$1')} AND state IN ('succeeded', 'failed')`,
    values: [ids],
  });
  return settledRows.parse(rows);
}
