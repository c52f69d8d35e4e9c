import type pg from 'pg';
import { z } from 'zod';
import { endedRow } from '../../../shared/activations/outcome.ts';
import { idIn } from '../../../shared/database/id-in.ts';

const endedRows = z.array(endedRow);

/** Those of these activations that have ended, as their rows say. */
export async function readSettled(pool: pg.Pool, ids: readonly string[]): Promise<z.infer<typeof endedRows>> {
  const { rows } = await pool.query({
    name: 'read_settled',
    text: `SELECT id, state, bridge_integration_id AS "bridgeIntegrationId", previous_inbox AS "previousInbox",
        old_release AS "oldRelease", error
      FROM activations WHERE ${idIn('id', '$1')} AND state IN ('succeeded', 'failed')`,
    values: [ids],
  });
  return endedRows.parse(rows);
}
