import { setTimeout as delay } from 'node:timers/promises';
import { isDatabaseUnavailable } from '../../../shared/database/database.ts';
import { PonteError } from '../../../shared/errors/ponte-error.ts';
import { hasFewValues } from '../../../shared/http/parse-json.ts';
import type { Logger } from '../../../shared/logging/logger.ts';
import type { IntegrationRow } from '../../integrations/store.ts';
import { isUndelivered, textsOf } from '../../texts/texts.ts';
import { type Part, partsOf } from './parts.ts';
import { isGroup, type Recipient } from './recipient.ts';
import type { Recipients } from './recipients.ts';
import type { NewReplies } from './reply.ts';
import type { ReplyStore } from './reply-store.ts';
import type { ReportStore } from './report-store.ts';
import { type AgentMessage, readWebhookEvent } from './webhook-event.ts';
import type { SignedWebhook } from './webhook-signature.ts';
import type { WebhookVerification } from './webhook-verification.ts';

/** What is thrown by either makes Chatwoot mark the message as failed in front of the agent. */
export interface WebhookReceiver {
  /**
   * Whose webhook address it is, which is to be known before anything is read of what a stranger sends. Throws PonteError
   * `webhook_unknown`, `webhook_gone` or `database_unavailable`.
   */
  integrationAt(keyHash: string, untilMs: number): Promise<IntegrationRow>;
  /** Takes a webhook for good. Throws PonteError `webhook_signature_invalid`, `invalid_body` or `database_unavailable`. */
  take(row: IntegrationRow, webhook: SignedWebhook, untilMs: number): Promise<void>;
}

/** Chatwoot waits five seconds, once, and never tries again: until then (by `performance.now`) a webhook is to be stored. */
export const storeUntilMs = (): number => performance.now() + STORE_WITHIN_MS;
const STORE_WITHIN_MS = 3_000;
const STORE_PAUSE_MS = 150;
/** A message that we never had and that is older than this is none of ours: replies are remembered for much longer. */
const RECENT_MS = 24 * 3_600_000;
const MAX_INT4 = 2_147_483_647;

/**
 * What Chatwoot tells of our inboxes: an agent's message is stored before the webhook is answered, and everything else is let go. Nothing
 * is parsed before it is proven to come from Chatwoot.
 */
export function createWebhookReceiver(deps: {
  byWebhookKey: (keyHash: string) => Promise<IntegrationRow | null>;
  /** A webhook of the integration has arrived that was waited for. */
  proven: (integrationId: string) => Promise<void>;
  verification: WebhookVerification;
  recipients: Recipients;
  replies: Pick<ReplyStore, 'insert' | 'isOnlyHistory'>;
  reports: Pick<ReportStore, 'askRetry' | 'reviveUndelivered' | 'cancel' | 'revoke' | 'noteShownFailed'>;
  logger: Logger;
}): WebhookReceiver {
  const { replies, reports, logger } = deps;

  async function integrationAt(keyHash: string, untilMs: number): Promise<IntegrationRow> {
    const row = await persistently(untilMs, () => deps.byWebhookKey(keyHash));
    if (row !== null && isLeft(row)) throw new PonteError('webhook_gone');
    if (row === null || (row.state !== 'active' && row.state !== 'creating')) throw new PonteError('webhook_unknown');
    return row;
  }

  async function take(row: IntegrationRow, webhook: SignedWebhook, untilMs: number): Promise<void> {
    await persistently(untilMs, () => deps.verification.check(row, webhook, untilMs));
    // Whether it is in time is the database's to say.
    if (row.proofAwaitedUntil !== null) await persistently(untilMs, () => deps.proven(row.id));
    const event = readWebhookEvent(parseJson(webhook.rawBody));
    if (event.kind === 'ignored') return;
    if (event.kind === 'unreadable') {
      logger.warn({ integrationId: row.id, faults: event.faults }, 'a webhook of Chatwoot is not what it should be');
      throw new PonteError('invalid_body', { faults: `${event.faults}: is not what Chatwoot sends` });
    }
    // The address may also have been entered as a webhook of the account, which tells of every inbox.
    if (row.inboxId !== null && row.inboxId !== event.inboxId) return;
    if (event.kind === 'shownFailed') {
      // The relay itself says this, of what WhatsApp said.
      if (event.messageId > MAX_INT4 || isUndelivered(event.reason)) return;
      if (await persistently(untilMs, () => reports.noteShownFailed(row.id, event.messageId)))
        logger.info(
          { integrationId: row.id, chatwootMessageId: event.messageId },
          'Chatwoot shows a message as failed that is not',
        );
      return;
    }
    if (event.kind === 'deleted') {
      const cancelled = await persistently(untilMs, () => reports.cancel(row.id, event.messageId));
      if (cancelled > 0)
        logger.info({ integrationId: row.id, chatwootMessageId: event.messageId }, 'a reply was deleted before it was sent');
      const revoked = await persistently(untilMs, () => reports.revoke(row.id, event.messageId));
      if (revoked > 0)
        logger.info({ integrationId: row.id, chatwootMessageId: event.messageId }, 'a message that was sent is to be deleted');
      return;
    }
    const { message } = event;
    if (message.id > MAX_INT4) throw new PonteError('invalid_body', { faults: 'id: is beyond what can be stored' });
    if (
      message.agentName === undefined &&
      (await persistently(untilMs, () => replies.isOnlyHistory(row.id, message.conversationId)))
    ) {
      // A bot, a greeting or a survey: what they answer was written days ago, and nobody asks.
      logger.info({ integrationId: row.id, chatwootMessageId: message.id }, 'what Chatwoot itself says to history is not sent');
      return;
    }
    const recipient = await persistently(untilMs, () => deps.recipients.of(row.id, message));
    const news = repliesOf(message, row, recipient);
    if (event.kind === 'touched') {
      const known = await persistently(untilMs, () => reports.askRetry(news));
      if (known === 'known') await persistently(untilMs, () => reports.reviveUndelivered(news));
      if (known !== 'absent' || !isRecent(message)) return;
      // Its first webhook never reached us, which Chatwoot showed the agent; or it is still on its way.
    }
    await persistently(untilMs, () => replies.insert(news, untilMs));
  }

  return { integrationAt, take };
}

/** Its inbox stays in Chatwoot, where an agent must see that a reply written there goes nowhere. */
const isLeft = ({ state, keepInbox }: IntegrationRow): boolean => state === 'left' || (state === 'superseded' && keepInbox);

function repliesOf(message: AgentMessage, row: IntegrationRow, recipient: Recipient): NewReplies {
  const texts = textsOf(row);
  const parts = partsOf(message, { signMessages: row.signMessages, chatwootBaseUrl: row.chatwootBaseUrl, texts });
  const reason =
    recipient.kind === 'none'
      ? texts.replyReasons[recipient.reason]
      : row.ignoreGroups && isGroup(recipient.address)
        ? texts.replyReasons.groupsIgnored
        : undefined;
  const address = recipient.kind === 'none' ? '' : recipient.address;
  const shown: Part[] = reason === undefined || parts.length === 0 ? parts : [{ kind: 'impossible', reason }];
  return {
    integrationId: row.id,
    conversationId: message.conversationId,
    chatwootMessageId: message.id,
    chat: address,
    // Only the first part quotes: the others belong to it.
    parts: shown.map((part, index) => ({
      recipient: address,
      part,
      ...(index === 0 && message.quoted ? { quoted: message.quoted } : {}),
    })),
  };
}

const isRecent = ({ createdAt }: AgentMessage): boolean =>
  createdAt !== undefined && Math.abs(Date.now() - createdAt.getTime()) < RECENT_MS;

/** Tries again while the database is away, until then; a failure here is one that the agent sees. */
async function persistently<T>(untilMs: number, act: () => Promise<T>): Promise<T> {
  for (;;) {
    const leftMs = untilMs - performance.now();
    try {
      return await Promise.race([act(), late(leftMs)]);
    } catch (error) {
      if (!isDatabaseUnavailable(error)) throw error;
      if (untilMs - performance.now() < STORE_PAUSE_MS) throw new PonteError('database_unavailable');
      await delay(STORE_PAUSE_MS);
    }
  }
}

async function late(afterMs: number): Promise<never> {
  await delay(Math.max(0, afterMs), undefined, { ref: false });
  throw new PonteError('database_unavailable');
}

function parseJson(bytes: Buffer): unknown {
  if (!hasFewValues(bytes)) throw new PonteError('invalid_body', { faults: 'body: is made of too many values' });
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new PonteError('invalid_body', { faults: 'body: is not valid JSON' });
  }
}
