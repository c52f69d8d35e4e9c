import type pg from 'pg';
import { z } from 'zod';
import { type IntegrationRow, integrationColumns, integrationRow } from '../integration-row.ts';

const foundRows = z.array(integrationRow);

/** What an activation finds: of its own, whatever it made or changed last; and the integration of its instance that is active, the newest where that is not clear. */
export async function findForActivation(
  pool: pg.Pool,
  { key, instanceId }: { key: string; instanceId: string },
): Promise<{ known: IntegrationRow | undefined; current: IntegrationRow | undefined }> {
  const { rows } = await pool.query({
    name: 'find_for_activation',
    text: `SELECT ${integrationColumns('i')} FROM bridge_integrations i
      WHERE i.idempotency_key = $1 OR i.made_by_key = $1 OR (i.instance_id = $2 AND i.state = 'active') ORDER BY i.created_at DESC`,
    values: [key, instanceId],
  });
  const found = foundRows.parse(rows);
  return {
    known: found.find((row) => row.idempotencyKey === key || row.madeByKey === key),
    current: found.find((row) => row.instanceId === instanceId && row.state === 'active'),
  };
}
