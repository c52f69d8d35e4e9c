import { setTimeout as delay } from 'node:timers/promises';
import { isDatabaseUnavailable } from '../../../shared/database/database.ts';
import { PonteError } from '../../../shared/errors/ponte-error.ts';
import type { Logger } from '../../../shared/logging/logger.ts';
import type { IntegrationRow } from '../../integrations/store.ts';
import { isUndelivered, textsOf } from '../../texts/texts.ts';
import { type Part, partsOf } from './parts.ts';
import { isGroup, type Recipient } from './recipient.ts';
import type { Recipients } from './recipients.ts';
import type { NewReplies } from './reply.ts';
import type { ReplyStore } from './reply-store.ts';
import type { ReportStore } from './report-store.ts';
import type { AgentMessage, WebhookEvent } from './webhook-event.ts';

export interface TakeOptions {
  /** By `performance.now`: until then it is tried to store it. */
  readonly untilMs: number;
  /** What an agent reads whose message is not to be sent any more; it is stored as failed then. */
  readonly refusal?: string | undefined;
}

/**
 * Takes for good what happened to a message in Chatwoot, told by a webhook or found by looking; however often, it takes effect once. Resolves
 * with whether there is a new reply. Throws PonteError `database_unavailable` or `invalid_body`.
 */
export type TakeEvent = (
  row: IntegrationRow,
  event: Exclude<WebhookEvent, { kind: 'begun' | 'ignored' | 'unreadable' }>,
  options: TakeOptions,
) => Promise<boolean>;

/** A message that we never had and that is older than this is none of ours: replies are remembered for much longer. */
const RECENT_MS = 24 * 3_600_000;
const MAX_INT4 = 2_147_483_647;

export function createTakeEvent(deps: {
  recipients: Recipients;
  replies: Pick<ReplyStore, 'insert' | 'isOnlyHistory'>;
  reports: Pick<ReportStore, 'askRetry' | 'reviveUndelivered' | 'cancel' | 'revoke' | 'noteShownFailed' | 'isBeingPosted'>;
  logger: Logger;
}): TakeEvent {
  const { replies, reports, logger } = deps;

  async function takeFailure({ id }: IntegrationRow, messageId: number, reason: string, untilMs: number): Promise<void> {
    // The relay itself says this, of what WhatsApp said.
    if (messageId > MAX_INT4 || isUndelivered(reason)) return;
    if (await persistently(untilMs, () => reports.noteShownFailed(id, messageId)))
      logger.info({ integrationId: id, chatwootMessageId: messageId }, 'Chatwoot shows a message as failed that is not');
  }

  async function takeDeletion({ id }: IntegrationRow, messageId: number, untilMs: number): Promise<void> {
    if (messageId > MAX_INT4) return;
    const cancelled = await persistently(untilMs, () => reports.cancel(id, messageId));
    if (cancelled > 0) logger.info({ integrationId: id, chatwootMessageId: messageId }, 'a reply was deleted before it was sent');
    if (await revoke(id, messageId, untilMs))
      logger.info({ integrationId: id, chatwootMessageId: messageId }, 'a message that was sent is to be deleted');
  }

  /**
   * Chatwoot may tell of a message before it has answered the request that made it. Until it is known which one that is it is tried again, for
   * as long as a webhook can wait; what takes longer is found by the next look through the inbox. Resolves with whether there was one.
   */
  async function revoke(integrationId: string, messageId: number, untilMs: number): Promise<boolean> {
    for (;;) {
      // Asked first: what is recorded after this is no longer being posted, and is found.
      const isPosted = await persistently(untilMs, () => reports.isBeingPosted(integrationId, messageId));
      if ((await persistently(untilMs, () => reports.revoke(integrationId, messageId))) > 0) return true;
      if (!isPosted || untilMs - performance.now() < 2 * PAUSE_MS) return false;
      await delay(PAUSE_MS);
    }
  }

  return async (row, event, { untilMs, refusal }) => {
    if (event.kind === 'shownFailed') {
      await takeFailure(row, event.messageId, event.reason, untilMs);
      return false;
    }
    if (event.kind === 'deleted') {
      await takeDeletion(row, event.messageId, untilMs);
      return false;
    }
    const { message } = event;
    if (message.id > MAX_INT4) throw new PonteError('invalid_body', { faults: 'id: is beyond what can be stored' });
    if (
      message.agentName === undefined &&
      (await persistently(untilMs, () => replies.isOnlyHistory(row.id, message.conversationId)))
    ) {
      // A bot, a greeting or a survey: what they answer was written days ago, and nobody asks.
      logger.info({ integrationId: row.id, chatwootMessageId: message.id }, 'what Chatwoot itself says to history is not sent');
      return false;
    }
    const recipient = await persistently(untilMs, () => deps.recipients.of(row.id, message));
    const news = repliesOf(message, row, recipient);
    if (event.kind === 'touched') {
      const known = await persistently(untilMs, () => reports.askRetry(news));
      if (known === 'known') await persistently(untilMs, () => reports.reviveUndelivered(news));
      if (known !== 'absent' || !isRecent(message)) return false;
      // Its first webhook never reached us, which Chatwoot showed the agent; or it is still on its way.
    }
    return persistently(untilMs, () => replies.insert({ ...news, refusal }, untilMs));
  };
}

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

const PAUSE_MS = 150;

/** Tries again while the database is away, until then; a failure here is one that the agent sees. */
export async function persistently<T>(untilMs: number, act: () => Promise<T>): Promise<T> {
  for (;;) {
    const leftMs = untilMs - performance.now();
    try {
      return await within(leftMs, act);
    } catch (error) {
      if (!isDatabaseUnavailable(error)) throw error;
      if (untilMs - performance.now() < PAUSE_MS) throw new PonteError('database_unavailable');
      await delay(PAUSE_MS);
    }
  }
}

async function within<T>(limitMs: number, act: () => Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new PonteError('database_unavailable')), Math.max(0, limitMs)).unref();
  });
  try {
    return await Promise.race([act(), late]);
  } finally {
    clearTimeout(timer);
  }
}
