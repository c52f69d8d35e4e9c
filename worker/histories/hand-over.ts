import type pg from 'pg';
import { hashOf } from '../../shared/content-hash.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { historyEndNotice, historyNotice, readPlace } from '../../shared/engines/stored.ts';
import { type NewEvent, storeEvent } from '../../shared/events/queries/store-event.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import {
  countUnacknowledged,
  dropWaiting,
  endedChats,
  isUnderWay,
  joinChats,
  nextMessages,
  noteHandedOver,
  type WaitingMessage,
} from './queries/hand-over.ts';
import { type ClaimedHistory, finishHistory, giveBack } from './queries/histories.ts';

/**
 * So many events of an instance wait for Chatwoot at most while history is handed over, those of the present included: a message that comes
 * now finds no more than these before it, and while Chatwoot is slow history waits.
 */
const MOST_AHEAD = 8;
/** Chatwoot refuses from 200 a minute and conversation on; some belong to whoever writes now. */
const PER_MINUTE = 150;
const PAUSE_MS = 400;

/**
 * Hands over to the bridge what was read, as events, in the order in which it was written within each chat. An event that is stored twice is
 * one, so whatever dies, each comes once. Rejects where the database is away.
 */
export function createHandOver(deps: { prisma: PrismaClient; pool: pg.Pool; logger: Logger }) {
  const { prisma, pool } = deps;

  function event(history: ClaimedHistory, name: string, values: Pick<NewEvent, 'chat' | 'payload' | 'engineKind'>): NewEvent {
    const { instanceId, bridgeIntegrationId } = history;
    // For another integration, which has none of it, it is another event; and it is another one than the message itself was, which may be
    // long forgotten, or be of the integration before.
    return {
      instanceId,
      dedupeKey: `${prefixOf(bridgeIntegrationId)}${hashOf(name)}`,
      outline: null,
      showsConnection: false,
      ...values,
    };
  }

  async function handOver(history: ClaimedHistory, message: WaitingMessage): Promise<void> {
    const { address: chat } = readPlace(message.place);
    const { engineKind, payload, dedupeKey } = message;
    const isHistory = message.sentAt < history.activatedAt;
    const past = event(history, dedupeKey, { chat, engineKind, payload: historyNotice(payload) });
    // What came after the activation should have come by itself: where it has, this is nothing new.
    await storeEvent(pool, isHistory ? past : { ...past, dedupeKey, payload });
  }

  async function endChats(history: ClaimedHistory, among: readonly string[] | undefined): Promise<void> {
    for (const { chat, place: text } of await endedChats(prisma, history.instanceId, among)) {
      const place = readPlace(text);
      const { engineKind } = history;
      const payload = historyEndNotice(place);
      await storeEvent(pool, event(history, `end of ${chat}`, { chat: place.address, engineKind, payload }));
    }
  }

  async function finish(history: ClaimedHistory): Promise<void> {
    await endChats(history, undefined);
    if (await isUnderWay(prisma, history.instanceId, prefixOf(history.bridgeIntegrationId))) {
      await giveBack(prisma, history, PAUSE_MS);
      return;
    }
    const isStopped = history.state === 'stopping';
    await finishHistory(prisma, history, isStopped ? { state: 'stopped', lastError: '' } : undefined);
    deps.logger.info(
      { instanceId: history.instanceId, handedOver: history.handedOver, isStopped },
      'an import of history has ended',
    );
  }

  return async (history: ClaimedHistory): Promise<void> => {
    const { instanceId } = history;
    if (history.state === 'stopping') {
      await dropWaiting(prisma, instanceId);
      return finish(history);
    }
    if (history.handedOver === 0) await joinChats(prisma, instanceId);
    const most = MOST_AHEAD - (await countUnacknowledged(prisma, instanceId, MOST_AHEAD));
    if (most > 0) {
      const messages = await nextMessages(prisma, instanceId, { most, perMinute: PER_MINUTE });
      for (const message of messages) await handOver(history, message);
      await noteHandedOver(
        prisma,
        instanceId,
        messages.map(({ dedupeKey }) => dedupeKey),
      );
      await endChats(history, [...new Set(messages.map(({ chat }) => chat))]);
      if (
        messages.length === 0 &&
        (await nextMessages(prisma, instanceId, { most: 1, perMinute: Number.MAX_SAFE_INTEGER })).length === 0
      )
        return finish(history);
    }
    await giveBack(prisma, history, PAUSE_MS);
  };
}

const prefixOf = (bridgeIntegrationId: string): string => `history:${hashOf(bridgeIntegrationId).slice(0, 24)}:`;
