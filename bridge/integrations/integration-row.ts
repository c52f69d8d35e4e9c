import { z } from 'zod';
import { eachFlag } from '../../shared/activations/flags.ts';
import type { BridgeIntegration } from '../../shared/database/generated/client.ts';
import { BridgeIntegrationState, IntegrationStatus } from '../../shared/database/generated/enums.ts';

export type IntegrationRow = BridgeIntegration;

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
/** A row as a statement of our own has it; those of Prisma need none. */
export const integrationRow = z.object(columns);

const columnOf = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
/** What such a statement asks of a table, or step, that is called `of`. */
export const integrationColumns = (of: string): string =>
  Object.keys(columns)
    .map((name) => `${of}.${columnOf(name)} AS "${name}"`)
    .join(', ');
