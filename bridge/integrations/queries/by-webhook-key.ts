import type pg from 'pg';
import { type IntegrationRow, integrationColumns, integrationRow } from '../integration-row.ts';

/** Whose addresses these are that webhooks of Chatwoot come to, in their order. Not through Prisma: it takes longer than all else of a webhook. */
export async function findByWebhookKeys(pool: pg.Pool, hashes: readonly string[]): Promise<(IntegrationRow | null)[]> {
  const { rows } = await pool.query<Record<string, unknown>>({
    name: 'find_by_webhook_keys',
    text: `SELECT integration.* FROM unnest((SELECT $1::text[])) AS asked (hash),
        LATERAL (SELECT ${integrationColumns('i')} FROM bridge_integrations i WHERE i.webhook_key_hash = asked.hash LIMIT 1) AS integration`,
    values: [[...new Set(hashes)]],
  });
  const byHash = new Map(rows.map((row) => integrationRow.parse(row)).map((row) => [row.webhookKeyHash, row]));
  return hashes.map((hash) => byHash.get(hash) ?? null);
}
