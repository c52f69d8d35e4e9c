import { PonteError } from '../../../shared/errors/ponte-error.ts';
import { hasFewValues } from '../../../shared/http/parse-json.ts';
import type { Logger } from '../../../shared/logging/logger.ts';
import type { IntegrationRow } from '../../integrations/store.ts';
import type { ConversationNews } from '../conversation-news.ts';
import { persistently, type TakeEvent } from './take-event.ts';
import { isTyping, readWebhookEvent } from './webhook-event.ts';
import type { SignedWebhook } from './webhook-signature.ts';
import type { WebhookVerification } from './webhook-verification.ts';

/** Whose a webhook address is. */
export interface Addressee {
  readonly row: IntegrationRow;
  /** The row is as this process has it that runs the integration; it may be another one for some milliseconds already. */
  readonly isKept: boolean;
}

/** What is thrown by either makes Chatwoot mark the message as failed in front of the agent. */
export interface WebhookReceiver {
  /**
   * Whose webhook address it is, which is to be known before anything is read of what a stranger sends. Throws PonteError
   * `webhook_unknown`, `webhook_gone` or `database_unavailable`.
   */
  addresseeOf(keyHash: string, untilMs: number): Promise<Addressee>;
  /** Takes a webhook for good. Throws PonteError as `addresseeOf` does, `webhook_signature_invalid` or `invalid_body`. */
  take(addressee: Addressee, webhook: SignedWebhook, untilMs: number): Promise<void>;
}

/** Chatwoot waits five seconds, once, and never tries again: until then (by `performance.now`) a webhook is to be stored. */
export const storeUntilMs = (): number => performance.now() + STORE_WITHIN_MS;
const STORE_WITHIN_MS = 3_000;

/**
 * What Chatwoot tells of our inboxes: an agent's message is stored before the webhook is answered, and everything else is let go. Nothing
 * is parsed before it is proven to come from Chatwoot.
 */
export function createWebhookReceiver(deps: {
  /** The row of one that this process runs. */
  kept: (keyHash: string) => IntegrationRow | undefined;
  byWebhookKey: (keyHash: string) => Promise<IntegrationRow | null>;
  /** A webhook of the integration has arrived that was waited for. */
  proven: (integrationId: string) => Promise<void>;
  verification: WebhookVerification;
  /** Whoever runs the integration is to know. */
  begun: (news: ConversationNews) => Promise<void>;
  takeEvent: TakeEvent;
  logger: Logger;
}): WebhookReceiver {
  const { logger } = deps;

  async function stored(keyHash: string, untilMs: number): Promise<IntegrationRow> {
    const row = await persistently(untilMs, () => deps.byWebhookKey(keyHash));
    if (row !== null && isLeft(row)) throw new PonteError('webhook_gone');
    if (row === null || (row.state !== 'active' && row.state !== 'creating')) throw new PonteError('webhook_unknown');
    return row;
  }

  async function addresseeOf(keyHash: string, untilMs: number): Promise<Addressee> {
    const row = deps.kept(keyHash);
    return row === undefined ? { row: await stored(keyHash, untilMs), isKept: false } : { row, isKept: true };
  }

  async function take({ row: known, isKept }: Addressee, webhook: SignedWebhook, untilMs: number): Promise<void> {
    const isGenuine = isKept && (await persistently(untilMs, () => deps.verification.isGenuine(known, webhook)));
    const early = isGenuine ? readWebhookEvent(parseJson(webhook.rawBody)) : undefined;
    // Most tell of what we have posted ourselves: to let those go nothing has to be asked of the database, which may even be away. Whether
    // somebody waits for typing as a proof only the database knows.
    if (early?.kind === 'ignored' && !isTyping(early)) return;
    const row = isKept ? await stored(known.webhookKeyHash, untilMs) : known;
    await persistently(untilMs, () => deps.verification.check(row, webhook, untilMs));
    // Whether it is in time is the database's to say.
    if (row.proofAwaitedUntil !== null) await persistently(untilMs, () => deps.proven(row.id));
    const event = early ?? readWebhookEvent(parseJson(webhook.rawBody));
    if (event.kind === 'ignored') return;
    if (event.kind === 'unreadable') {
      logger.warn({ integrationId: row.id, faults: event.faults }, 'a webhook of Chatwoot is not what it should be');
      throw new PonteError('invalid_body', { faults: `${event.faults}: is not what Chatwoot sends` });
    }
    // The address may also have been entered as a webhook of the account, which tells of every inbox.
    if (row.inboxId !== null && row.inboxId !== event.inboxId) return;
    if (event.kind === 'begun')
      await persistently(untilMs, () => deps.begun({ integrationId: row.id, contactId: event.contactId }));
    else await deps.takeEvent(row, event, { untilMs });
  }

  return { addresseeOf, take };
}

/** Its inbox stays in Chatwoot, where an agent must see that a reply written there goes nowhere. */
const isLeft = ({ state, keepInbox }: IntegrationRow): boolean => state === 'left' || (state === 'superseded' && keepInbox);

function parseJson(bytes: Buffer): unknown {
  if (!hasFewValues(bytes)) throw new PonteError('invalid_body', { faults: 'body: is made of too many values' });
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new PonteError('invalid_body', { faults: 'body: is not valid JSON' });
  }
}
