import type pg from 'pg';
import { z } from 'zod';
import { eachFlag } from '../../../shared/activations/flags.ts';
import { BridgeIntegrationState, IntegrationStatus } from '../../../shared/database/generated/enums.ts';
import type { IntegrationRow } from '../store.ts';

const text = z.string();
const time = z.date().nullable();
/** Every column, so that one that is added does not compile without being here. */
const columns = {
  id: text,
  instanceId: text,
  instanceName: text,
  idempotencyKey: text,
  madeByKey: text.nullable(),
  state: z.enum(BridgeIntegrationState),
  status: z.enum(IntegrationStatus),
  lastError: text,
  ryzeapiUrl: text,
  chatwootBaseUrl: text,
  chatwootAccountId: z.number(),
  chatwootToken: text,
  inboxId: z.number().nullable(),
  inboxName: text,
  inboxRepaired: text,
  ...eachFlag(() => z.boolean()),
  language: text.nullable(),
  accountLocale: text.nullable(),
  webhookKeyHash: text,
  webhookKey: text,
  webhookSecret: text.nullable(),
  webhookSecretBefore: text.nullable(),
  webhookSecretChangedAt: time,
  replacesId: text.nullable(),
  keepInbox: z.boolean(),
  createSentAt: time,
  adoptedInboxId: z.number().nullable(),
  adoptedWebhookUrl: text.nullable(),
  adoptedAt: time,
  eventCursor: z.coerce.bigint(),
  caughtUpTo: z.number().nullable(),
  lastToChatwootAt: time,
  lastToWhatsappAt: time,
  leaseOwner: text.nullable(),
  leaseUntil: time,
  leaseEpoch: z.number(),
  phoneState: text,
  proofAwaitedUntil: time,
  provenAt: time,
  createdAt: z.date(),
  updatedAt: z.date(),
} satisfies { readonly [Name in keyof IntegrationRow]: z.ZodType<IntegrationRow[Name]> };
const rowSchema = z.object(columns);

const columnOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
const COLUMNS = Object.keys(columns)
  .map((name) => `${columnOf(name)} AS "${name}"`)
  .join(', ');

/** Whose addresses these are that webhooks of Chatwoot come to, in their order. Not through Prisma: it takes longer than all else of a webhook. */
export async function findByWebhookKeys(pool: pg.Pool, hashes: readonly string[]): Promise<(IntegrationRow | null)[]> {
  const { rows } = await pool.query<Record<string, unknown>>({
    name: 'find_by_webhook_keys',
    text: `SELECT integration.* FROM unnest((SELECT $1::text[])) AS asked (hash),
        LATERAL (SELECT ${COLUMNS} FROM bridge_integrations WHERE webhook_key_hash = asked.hash LIMIT 1) AS integration`,
    values: [[...new Set(hashes)]],
  });
  const byHash = new Map(rows.map((row) => rowSchema.parse(row)).map((row) => [row.webhookKeyHash, row]));
  return hashes.map((hash) => byHash.get(hash) ?? null);
}
