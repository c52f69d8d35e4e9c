import type pg from 'pg';
import { type Backoff, backoffMs } from '../../shared/backoff.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { dedupeKey } from '../../shared/engines/dedupe-key.ts';
import type { Engine } from '../../shared/engines/engine.ts';
import type { OpenRow } from '../../shared/engines/open-engine.ts';
import { canonicalNumber } from '../../shared/engines/phone-number.ts';
import { placeOf } from '../../shared/engines/stored.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import { WORKER_LIMITS } from '../timeouts.ts';
import {
  type ClaimedHistory,
  finishHistory,
  giveBack,
  postponeReading,
  type ReadMessage,
  storePage,
} from './queries/histories.ts';

/** Of the oldest of more than these nobody hears. */
const MOST_MESSAGES = 10_000;
/** Pages that are read before others have their turn. */
const PAGES_AT_A_TIME = 10;
/** Between tries of an engine that does not tell. */
export const READING_PAUSES: Backoff = { firstMs: 2_000, maxMs: 900_000 };
/** Of one that does not tell: some hours in all. Of one that refuses, it is soon clear. */
const MOST_TRIES = { unreachable: 30, refused: 4 } as const;

/** Reads what an engine tells of an import, some pages at a time; after each it is known where to go on. Rejects where the database is away. */
export function createHistoryReading(deps: {
  prisma: PrismaClient;
  pool: pg.Pool;
  open: OpenRow;
  pauses: Backoff;
  logger: Logger;
}) {
  const { prisma, pool } = deps;

  async function failed(history: ClaimedHistory, error: PonteError): Promise<void> {
    const most = error.code === 'engine_refused' || error.code === 'engine_cannot' ? MOST_TRIES.refused : MOST_TRIES.unreachable;
    const attempts = history.attempts + 1;
    const isEnd = attempts >= most;
    const delayMs = isEnd ? 0 : Math.max(backoffMs(deps.pauses, attempts), (error.retryAfterSeconds ?? 0) * 1_000);
    await postponeReading(prisma, history, { lastError: error.message, delayMs, isEnd });
    deps.logger.warn(
      { instanceId: history.instanceId, engine: history.engineKind, outcome: error.code, attempts, isEnd },
      'the history of a phone could not be read',
    );
  }

  async function readPages(
    history: ClaimedHistory,
    engine: Engine,
    access: Parameters<NonNullable<Engine['readHistory']>>[0]['access'],
  ) {
    let cursor = history.cursor ?? undefined;
    let { found } = history;
    for (let count = 0; count < PAGES_AT_A_TIME; count += 1) {
      const { since, until } = history;
      const call = { access, instance: history.name, timeoutMs: WORKER_LIMITS.engineCallMs, since, until, cursor };
      const page = await engine.readHistory?.(call);
      if (page === undefined) return finishHistory(prisma, history, { state: 'unsupported', lastError: '' });
      if (page.kind === 'unable') return finishHistory(prisma, history, { state: 'unable', lastError: page.reason });
      if (page.kind === 'failed') return failed({ ...history, attempts: count === 0 ? history.attempts : 0 }, page.error);
      const told = messagesOf(engine, page.payloads, history);
      const messages = told.slice(0, MOST_MESSAGES - found);
      const isCut = found + told.length > MOST_MESSAGES || (found + told.length === MOST_MESSAGES && page.next !== undefined);
      const next = isCut ? null : (page.next ?? null);
      const stored = await storePage(pool, history, { messages, next, isCut, claimMs: WORKER_LIMITS.engineClaimMs });
      if (stored === undefined) return;
      found = stored;
      if (next === null) {
        deps.logger.info(
          { instanceId: history.instanceId, engine: history.engineKind, found, isCut },
          'the history of a phone was read',
        );
        break;
      }
      cursor = next;
    }
    await giveBack(prisma, history, 0);
  }

  return async (history: ClaimedHistory): Promise<void> => {
    try {
      const { engine, access } = await deps.open(history);
      await readPages(history, engine, access);
    } catch (error) {
      if (!(error instanceof PonteError)) throw error;
      await failed(history, error);
    }
  };
}

/** The messages among what an engine told, of the time that was asked for; what happened to messages afterwards is not told again. */
function messagesOf(engine: Engine, payloads: readonly unknown[], { since, until }: ClaimedHistory): ReadMessage[] {
  return payloads.flatMap((payload): ReadMessage[] => {
    const parsed = engine.readEvent(payload);
    if (!parsed.ok || parsed.event.kind !== 'message') return [];
    const { event } = parsed;
    const { sentAt = since, chat, body } = event;
    const place = placeOf(chat);
    if (place === undefined || body.type === 'placeholder' || sentAt < since || sentAt > until) return [];
    return [
      {
        dedupeKey: dedupeKey(event, payload),
        chat: place.number === undefined ? place.address : canonicalNumber(place.number),
        place: JSON.stringify(place),
        sentAt,
        payload: JSON.stringify(payload),
      },
    ];
  });
}
