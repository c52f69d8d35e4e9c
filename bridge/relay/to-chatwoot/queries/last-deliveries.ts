import type pg from 'pg';
import { z } from 'zod';

export interface LastDelivery {
  readonly integrationId: string;
  readonly at: Date;
}

const leftRows = z.array(z.object({ id: z.string(), at: z.date() }).transform(({ id, at }) => ({ integrationId: id, at })));

/**
 * Notes when a message of each of these integrations last reached Chatwoot. Resolves with those that somebody else is just changing: nobody
 * waits for them, or two processes that change several could wait for each other. Past `updated_at`, by which the holders of leases tell that
 * the settings changed.
 */
export async function writeLastDeliveries(pool: pg.Pool, deliveries: readonly LastDelivery[]): Promise<LastDelivery[]> {
  const { rows } = await pool.query({
    name: 'write_last_deliveries',
    text: `WITH delivered AS (
        SELECT * FROM unnest((SELECT $1::text[]), (SELECT $2::timestamptz[])) AS delivered (id, at)),
      free AS (
        SELECT integration.id, delivered.at FROM delivered, LATERAL (
          SELECT id FROM bridge_integrations WHERE id = delivered.id FOR NO KEY UPDATE SKIP LOCKED
        ) AS integration),
      written AS (
        UPDATE bridge_integrations AS integration SET last_to_chatwoot_at = free.at FROM free WHERE integration.id = free.id
        RETURNING integration.id)
      SELECT delivered.id, delivered.at FROM delivered
       WHERE EXISTS (SELECT FROM bridge_integrations WHERE id = delivered.id) AND NOT EXISTS (SELECT FROM written WHERE id = delivered.id)`,
    values: [deliveries.map(({ integrationId }) => integrationId), deliveries.map(({ at }) => at)],
  });
  return leftRows.parse(rows);
}
