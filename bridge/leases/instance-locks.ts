import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { jittered } from '../../shared/backoff.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { BridgeTimeouts } from '../timeouts.ts';
import { freeAllLocks, freeLock, type LockKey, prolongLocks, takeLock } from './queries/locks.ts';

export interface InstanceLock {
  /** False once another process may have it: also right after this one was stopped for a while. */
  isHeld(): boolean;
  /** Which row it is. */
  readonly key: LockKey;
  /** The row is gone already: a statement of the caller's has taken it away with what was done under the lock. */
  released(): void;
  /** Does nothing where it is gone. */
  release(): Promise<void>;
}

export interface InstanceLocks {
  /**
   * The right to change the integrations of an instance, among all bridge processes. Undefined when somebody else still has it after
   * `waitMs`. Throws PonteError `database_unavailable`.
   */
  acquire(instanceId: string, waitMs: number): Promise<InstanceLock | undefined>;
  /** Lets go of all of them. */
  stop(): Promise<void>;
}

interface Held {
  readonly fence: string;
  /** Of `performance.now()`, counted from before the database was asked. */
  untilMs: number;
}

const POLL_MS = 75;

/**
 * Locks as rows that run out: taking, prolonging and releasing are one small statement each, so that hundreds of activations which wait for
 * Chatwoot hold no connection. One statement prolongs all of this process; those of a process that died run out by themselves.
 */
export function createInstanceLocks(deps: {
  pool: pg.Pool;
  /** Names this process among all that ever ran. */
  owner: string;
  timeouts: BridgeTimeouts['locks'];
  logger: Logger;
}): InstanceLocks {
  const { pool, owner, logger } = deps;
  const { validityMs, renewalMs } = deps.timeouts;
  const terms = { owner, validityMs };
  const held = new Set<Held>();
  // The database does not keep the tasks of this process apart.
  const taken = new Set<string>();
  let renewal: NodeJS.Timeout | undefined;

  async function renew(): Promise<void> {
    if (held.size > 0) await prolong([...held]);
    renewal = undefined;
    keepRenewing();
  }

  async function prolong(asked: readonly Held[]): Promise<void> {
    const untilMs = performance.now() + validityMs;
    try {
      const kept = new Set(
        await prolongLocks(
          pool,
          terms,
          asked.map(({ fence }) => fence),
        ),
      );
      for (const lock of asked) if (held.has(lock)) lock.untilMs = kept.has(lock.fence) ? untilMs : 0;
    } catch (error) {
      logger.warn({ locks: asked.length, reason: String(error) }, 'the instance locks could not be prolonged, trying again');
    }
  }

  /** As long as there is something to prolong. */
  function keepRenewing(): void {
    if (held.size > 0) renewal ??= setTimeout(renew, renewalMs);
  }

  function released(instanceId: string, lock: Held): void {
    if (!held.delete(lock)) return;
    lock.untilMs = 0;
    taken.delete(instanceId);
  }

  async function release(instanceId: string, lock: Held): Promise<void> {
    if (!held.delete(lock)) return;
    lock.untilMs = 0;
    try {
      await freeLock(pool, { owner, fence: lock.fence });
    } catch (error) {
      logger.warn({ reason: String(error) }, 'an instance lock could not be released, it runs out by itself');
    } finally {
      taken.delete(instanceId);
    }
  }

  async function lockOnce(instanceId: string): Promise<InstanceLock | undefined> {
    if (taken.has(instanceId)) return undefined;
    taken.add(instanceId);
    const untilMs = performance.now() + validityMs;
    const fence = await takeLock(pool, terms, instanceId).catch((error: unknown) => {
      taken.delete(instanceId);
      logger.warn({ reason: String(error) }, 'locking an instance failed');
      throw new PonteError('database_unavailable');
    });
    if (fence === undefined) {
      taken.delete(instanceId);
      return undefined;
    }
    const lock: Held = { fence, untilMs };
    held.add(lock);
    keepRenewing();
    return {
      isHeld: () => performance.now() < lock.untilMs,
      key: { owner, fence },
      released: () => released(instanceId, lock),
      release: () => release(instanceId, lock),
    };
  }

  return {
    async acquire(instanceId, waitMs) {
      const until = performance.now() + waitMs;
      for (;;) {
        const lock = await lockOnce(instanceId);
        if (lock !== undefined || performance.now() >= until) return lock;
        // Uneven pauses, so that those who wait do not ask in step.
        await delay(jittered(POLL_MS));
      }
    },
    async stop() {
      clearTimeout(renewal);
      for (const lock of held) lock.untilMs = 0;
      held.clear();
      await freeAllLocks(pool, owner).catch((error: unknown) => {
        logger.warn({ reason: String(error) }, 'the instance locks could not be released, they run out by themselves');
      });
    },
  };
}
