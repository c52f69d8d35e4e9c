import { setTimeout as delay } from 'node:timers/promises';
import { backoffMs } from '../../../shared/backoff.ts';
import type { Logger } from '../../../shared/logging/logger.ts';
import { createTurns } from '../../../shared/turns.ts';
import type { LookBack, LookedBack } from '../../catch-up/look-back.ts';
import type { IntegrationRow } from '../../integrations/store.ts';
import { textsOf } from '../../texts/texts.ts';
import type { BridgeTimeouts } from '../../timeouts.ts';
import { FIRST_ACTION_PART } from '../action-parts.ts';
import type { ClaimedReply, SendOutcome } from './reply.ts';
import type { ReplyStore } from './reply-store.ts';
import type { SendReply } from './send-reply.ts';

export interface ReplyQueue {
  /** Looks for replies now. */
  wake(): void;
  /** Sends nothing more, and waits for what is being sent, at most `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Conversations of one integration in which messages are sent at the same time. */
const LANES = 8;
/** A process that was stopped for longer than this may have lost its claim to another one. */
const FRESH_MS = 2_000;
const RETRY_AFTER_MAX_MS = 60_000;
const SETTLE_PAUSE_MS = 500;
/** An hour. */
const SETTLE_TRIES = 7_200;
const TROUBLE_PAUSE_MS = 1_000;
/** A file that Chatwoot has just taken may not be there yet for the engine to fetch. */
const FILE_TRIES = 4;

/**
 * Sends the replies of one integration, for as long as this process has its lease: one at a time in a conversation and in the order they
 * were written, several conversations at once. A message that cannot be sent for the moment waits, and those behind it wait with it.
 */
export function createReplyQueue(deps: {
  integrationId: string;
  epoch: number;
  /** Since when this process has that lease, of `performance.now()`. */
  acquiredAtMs: number;
  /** Rows that this process is sending under any lease: none of them is an orphan. */
  inFlight: Set<string>;
  /** As it is now. */
  row: () => IntegrationRow;
  store: ReplyStore;
  send: SendReply;
  lookBack: LookBack;
  /** Chatwoot has to be told something. */
  onReport: () => void;
  onOutcome: (outcome: SendOutcome['kind']) => void;
  timing: BridgeTimeouts['replies'];
  logger: Logger;
}): ReplyQueue {
  const { integrationId, epoch, inFlight, store, timing, logger } = deps;
  /** By conversation. */
  const running = new Map<number, Promise<void>>();
  const turns = createTurns({
    work: look,
    onError: (error) => {
      logger.warn({ reason: String(error) }, 'looking for replies failed, trying again');
      return TROUBLE_PAUSE_MS;
    },
  });

  async function look(): Promise<number | undefined> {
    await store.releaseUnknownClaims(integrationId, epoch, [...inFlight]);
    await settleOrphans();
    const busy = [...running.keys()];
    const claimed = busy.length < LANES ? await store.claim(integrationId, epoch, busy, LANES - busy.length) : [];
    const claimedAtMs = performance.now();
    for (const reply of claimed) {
      inFlight.add(reply.id);
      const done = deliver(reply, claimedAtMs).finally(() => {
        running.delete(reply.conversationId);
        turns.wake();
      });
      running.set(reply.conversationId, done);
    }
    const dueMs = await store.nextDueMs(integrationId, [...running.keys()]);
    // With all lanes taken the next look comes with the end of one of them.
    return dueMs !== undefined && (dueMs > 0 || running.size < LANES) ? dueMs : undefined;
  }

  async function deliver(reply: ClaimedReply, claimedAtMs: number): Promise<void> {
    try {
      if (await isPreceded(reply)) return;
      const outcome = await attempt(reply, claimedAtMs);
      deps.onOutcome(outcome.kind);
      // The echo may prove that it was sent; until then nothing behind it may go.
      if (outcome.kind === 'unknown') await delay(timing.echoGraceMs, undefined, { ref: false });
      await persist(reply, () => settle(reply, outcome));
    } catch (error) {
      logger.error({ err: error, ...shown(reply) }, 'unexpected error while sending a reply');
      await persist(reply, () => fail(reply, 'unknown', unknownReason()));
    }
  }

  /** Something that was written before it is stored only now, and goes first. */
  async function isPreceded(reply: ClaimedReply): Promise<boolean> {
    if (reply.part !== 0) return false;
    const lookedBack = await lookBack(reply);
    if (lookedBack === 'known') return false;
    // Where nobody knows whether it was put back it does not leave: then it is, or will be, like any claim that nobody knows of.
    const isPutBack = await (lookedBack === 'unsaid' ? putOff(reply) : store.yieldToOlder(reply)).catch(() => true);
    if (isPutBack) inFlight.delete(reply.id);
    return isPutBack;
  }

  async function lookBack(reply: ClaimedReply): Promise<LookedBack> {
    try {
      return await deps.lookBack(deps.row(), reply);
    } catch (error) {
      logger.warn({ ...shown(reply), reason: String(error) }, 'could not look for what was written before a reply');
      // What was found before it may not be stored yet.
      return reply.waitedMs < timing.unsaidMs ? 'unsaid' : 'known';
    }
  }

  /** Those behind it wait with it. */
  async function putOff(reply: ClaimedReply): Promise<boolean> {
    await store.putOff(reply, timing.unsaidAgainMs);
    return true;
  }

  async function attempt(reply: ClaimedReply, claimedAtMs: number): Promise<SendOutcome> {
    try {
      const isFresh = performance.now() - claimedAtMs < FRESH_MS;
      if (!isFresh && !(await store.isOurs(reply))) return notYet('this process was paused, and lost the integration meanwhile');
    } catch (error) {
      return notYet(`the database did not answer: ${String(error)}`);
    }
    return deps.send(reply, deps.row());
  }

  async function settle(reply: ClaimedReply, outcome: SendOutcome): Promise<void> {
    switch (outcome.kind) {
      case 'sent':
        await store.settleSent(reply, outcome.whatsappId);
        logger.info({ ...shown(reply), attempts: reply.attempts }, 'sent a reply');
        return;
      case 'later': {
        if (reply.waitedMs >= timing.giveUpMs) return fail(reply, 'failed', outcome.reason);
        const pauseMs = backoffMs(timing.pauses, reply.attempts);
        const asked = Math.min(outcome.afterMs ?? 0, RETRY_AFTER_MAX_MS);
        await store.postpone(reply, outcome.reason, Math.max(pauseMs, asked));
        logger.warn({ ...shown(reply), attempts: reply.attempts, reason: outcome.reason }, 'a reply could not be sent yet');
        return;
      }
      case 'refused':
        if (!outcome.mayPass || reply.attempts >= FILE_TRIES) return fail(reply, 'failed', outcome.reason);
        await store.postpone(reply, outcome.reason, backoffMs(timing.pauses, reply.attempts));
        return;
      case 'unknown':
        return fail(reply, 'unknown', unknownReason());
    }
  }

  /** To delete a message a second time does no harm. */
  async function failAction(reply: ClaimedReply, state: 'failed' | 'unknown', reason: string): Promise<void> {
    if (state === 'unknown' && reply.waitedMs < timing.giveUpMs) {
      await store.postpone(reply, reason, backoffMs(timing.pauses, reply.attempts));
      return;
    }
    if (!(await store.settleFailedAction(reply, textsOf(deps.row()).notDeleted(reason)))) return;
    logger.warn({ ...shown(reply), reason }, 'a message could not be deleted in WhatsApp');
    deps.onReport();
  }

  async function fail(reply: ClaimedReply, state: 'failed' | 'unknown', reason: string): Promise<void> {
    if (reply.part >= FIRST_ACTION_PART) return failAction(reply, state, reason);
    if (!(await store.settleFailed(reply, state, reason))) return;
    logger.warn({ ...shown(reply), state, reason }, 'a reply failed');
    deps.onReport();
  }

  /**
   * What became of a message must not be forgotten because the database is away. Until it is written down the reply counts as being sent
   * here: nobody may take it for one that was only claimed.
   */
  async function persist(reply: ClaimedReply, write: () => Promise<void>): Promise<void> {
    for (let tries = 1; ; tries += 1) {
      try {
        await write();
        inFlight.delete(reply.id);
        return;
      } catch (error) {
        if (tries === SETTLE_TRIES) {
          logger.error({ ...shown(reply), reason: String(error) }, 'the outcome of a reply could not be stored');
          return;
        }
        await delay(SETTLE_PAUSE_MS, undefined, { ref: false });
      }
    }
  }

  /** Sent by a process that died: nobody knows whether it arrived, so it is not sent again by us. First the echo has its time. */
  async function settleOrphans(): Promise<void> {
    if (performance.now() - deps.acquiredAtMs < timing.echoGraceMs) return;
    for (const reply of await store.orphans(integrationId, epoch, [...inFlight])) {
      await fail(reply, 'unknown', unknownReason());
    }
  }

  /** What the agent reads where nobody knows whether the message arrived. */
  const unknownReason = (): string => textsOf(deps.row()).replyReasons.outcomeUnknown;

  return {
    wake: turns.wake,
    async stop(graceMs) {
      await turns.stop();
      const all = Promise.all(running.values());
      await Promise.race([all, delay(graceMs, undefined, { ref: false })]);
    },
  };
}

const notYet = (reason: string): SendOutcome => ({ kind: 'later', reason, afterMs: undefined });

const shown = ({ integrationId, conversationId, chatwootMessageId, part }: ClaimedReply) => ({
  integrationId,
  conversationId,
  chatwootMessageId,
  part,
});
