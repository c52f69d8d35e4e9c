import type pg from 'pg';
import { z } from 'zod';
import { INTEGRATIONS_CHANNEL } from '../../leases/queries/leases.ts';
import { type IntegrationRow, integrationColumns, integrationRow } from '../integration-row.ts';

const removingRows = z.tuple([integrationRow]);

/**
 * The way to the end of an integration. What it had replaced, if it is still there, is active again; but where the inbox of that was to stay, only
 * when the move itself is undone. Answers the row as it is now.
 */
export async function beginRemoval(
  pool: pg.Pool,
  row: Pick<IntegrationRow, 'id' | 'state' | 'replacesId'>,
  { isUndoing }: { isUndoing: boolean },
): Promise<IntegrationRow> {
  const { rows } = await pool.query({
    name: 'begin_removal',
    text: `WITH again AS (
        UPDATE bridge_integrations SET state = 'active', keep_inbox = false, last_error = '', updated_at = now()
         WHERE id = $2 AND state = 'superseded' AND ($3::boolean OR NOT keep_inbox)
      ), removing AS (
        UPDATE bridge_integrations SET state = 'removing', updated_at = now() WHERE id = $1 RETURNING *
      )
      SELECT ${integrationColumns('removing')}, pg_notify($4, $1)::text AS told,
             CASE WHEN $2::text IS NOT NULL THEN pg_notify($4, $2)::text END AS told_of_other
        FROM removing`,
    values: [row.id, row.state === 'active' ? row.replacesId : null, isUndoing, INTEGRATIONS_CHANNEL],
  });
  return removingRows.parse(rows)[0];
}
