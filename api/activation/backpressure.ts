import { countWaiting } from '../../shared/activations/unfinished.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';

/** An activation that has not begun after this long is part of a backlog; usually one begins within milliseconds. */
const BACKLOG_AFTER_MS = 10_000;
/**
 * With so many of one account waiting, or so many of all, another one could not begin within what a client waits. Of an account no more
 * count than its own limit: one that has sent thousands must not have the others refused.
 */
const MOST_WAITING = { ofAccount: 100, ofAll: 1_000 };
/** The question costs one query for all requests of this long. */
const FRESH_FOR_MS = 1_000;
const RETRY_AFTER_SECONDS = 30;

/** The answer to what could not begin in time: better than letting it wait for its deadline. */
export const overloaded = (): PonteError =>
  new PonteError('overloaded', { seconds: RETRY_AFTER_SECONDS }, { retryAfterSeconds: RETRY_AFTER_SECONDS });

/** Tells what could not begin in time. */
export function createBackpressure({ prisma }: { prisma: PrismaClient }) {
  let waiting: Promise<ReadonlyMap<string, number>> | undefined;
  let askedAtMs = Number.NEGATIVE_INFINITY;

  function backlog(): Promise<ReadonlyMap<string, number>> {
    if (waiting === undefined || performance.now() - askedAtMs > FRESH_FOR_MS) {
      askedAtMs = performance.now();
      waiting = countWaiting(prisma, { forMs: BACKLOG_AFTER_MS }).catch((error: unknown) => {
        waiting = undefined;
        throw error;
      });
    }
    return waiting;
  }

  return {
    /** Whether another one of this account could not begin in time. */
    async isOverloaded(accountId: string): Promise<boolean> {
      const counts = await backlog();
      const ofAll = [...counts.values()].reduce((sum, count) => sum + Math.min(count, MOST_WAITING.ofAccount), 0);
      return (counts.get(accountId) ?? 0) >= MOST_WAITING.ofAccount || ofAll >= MOST_WAITING.ofAll;
    },
  };
}
