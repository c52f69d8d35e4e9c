import type pg from 'pg';
import { z } from 'zod';

const markRows = z.array(z.object({ caught_up_to: z.number().nullable() }));

/** Up to which message was looked; null where nobody has looked yet. */
export async function readMark(pool: pg.Pool, integrationId: string): Promise<number | null> {
  const { rows } = await pool.query('SELECT caught_up_to FROM bridge_integrations WHERE id = $1', [integrationId]);
  return markRows.parse(rows)[0]?.caught_up_to ?? null;
}

/** It never goes back. Leaves `updated_at` alone: by that the holders of leases tell that the settings changed. */
export async function raiseMark(pool: pg.Pool, integrationId: string, epoch: number, to: number): Promise<void> {
  await pool.query(
    `UPDATE bridge_integrations SET caught_up_to = $3
      WHERE id = $1 AND lease_epoch = $2 AND state = 'active' AND (caught_up_to IS NULL OR caught_up_to < $3)`,
    [integrationId, epoch, to],
  );
}
