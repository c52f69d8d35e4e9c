import type pg from 'pg';
import { type ActivationOutcome, outcomeOf } from '../../shared/activations/outcome.ts';
import { ACTIVATION_SETTLED_CHANNEL, readNotice } from '../../shared/activations/settled-channel.ts';
import type { Listener } from '../../shared/database/listener.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import { readSettled } from './queries/read-settled.ts';

export type Completion =
  | { readonly kind: 'settled'; readonly outcome: ActivationOutcome }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'shutdown' }
  /** Whoever waited has gone. */
  | { readonly kind: 'cancelled' };

export interface CompletionWaiter {
  /** Resolves when the activation has finished, when `deadlineAt` has come, at `stop`, or when `signal` aborts. Never rejects. */
  wait(activationId: string, deadlineAt: Date, signal: AbortSignal): Promise<Completion>;
  /** How many requests wait now. */
  waiting(): number;
  /** Resolves as soon as nobody waits, at the latest after `timeoutMs`. */
  idle(timeoutMs: number): Promise<void>;
  /** Answers whoever still waits with `shutdown`. */
  stop(): void;
}

/** Notifications can be lost with the connection they come on; this finds what they would have told. */
const SAFETY_POLL_MS = 1_500;
/** At the deadline the database gets this long for one last answer, so that a hung one does not make the client wait. */
const LAST_LOOK_MS = 300;

/**
 * Waits for activations on behalf of all requests of this process, whichever worker finishes them. A notification, sent in the transaction that
 * settles the row, says what the row says or is a reason to look: one query for all that is outstanding, at most one of those at a time.
 */
export function createCompletionWaiter(deps: { pool: pg.Pool; listener: Listener; logger: Logger }): CompletionWaiter {
  const waiters = new Map<string, Set<(completion: Completion) => void>>();
  const toLookAt = new Set<string>();
  const idleCallbacks = new Set<() => void>();
  let looking: Promise<void> | undefined;
  let poll: NodeJS.Timeout | undefined;
  let stopped = false;

  deps.listener.subscribe(ACTIVATION_SETTLED_CHANNEL, {
    onNotification: hear,
    onConnected: () => void look(waiters.keys()),
  });

  function hear(payload: string): void {
    const { id, row } = readNotice(payload);
    if (row === undefined) void look([id]);
    else settle(id, { kind: 'settled', outcome: outcomeOf(row) });
  }

  /** Asks for what has become of these, together with whatever else is asked for while a query is under way. */
  function look(ids: Iterable<string>): Promise<void> {
    for (const id of ids) if (waiters.has(id)) toLookAt.add(id);
    if (toLookAt.size === 0) return looking ?? Promise.resolve();
    looking ??= lookAtAll().finally(() => {
      looking = undefined;
    });
    return looking;
  }

  async function lookAtAll(): Promise<void> {
    while (toLookAt.size > 0) {
      const ids = [...toLookAt];
      toLookAt.clear();
      try {
        for (const row of await readSettled(deps.pool, ids)) settle(row.id, { kind: 'settled', outcome: outcomeOf(row) });
      } catch (error) {
        // The next poll tries again, and the deadline ends it.
        deps.logger.warn({ reason: String(error) }, 'could not look at running activations');
        return;
      }
    }
  }

  function settle(id: string, completion: Completion): void {
    for (const resolve of waiters.get(id) ?? []) resolve(completion);
  }

  function add(id: string, resolve: (completion: Completion) => void): void {
    const group = waiters.get(id) ?? new Set();
    waiters.set(id, group.add(resolve));
    poll ??= setInterval(() => void look(waiters.keys()), SAFETY_POLL_MS);
  }

  function remove(id: string, resolve: (completion: Completion) => void): void {
    const group = waiters.get(id);
    group?.delete(resolve);
    if (group?.size === 0) waiters.delete(id);
    if (waiters.size > 0) return;
    clearInterval(poll);
    poll = undefined;
    for (const callback of idleCallbacks) callback();
  }

  return {
    wait(activationId, deadlineAt, signal) {
      if (stopped) return Promise.resolve({ kind: 'shutdown' });
      if (signal.aborted) return Promise.resolve({ kind: 'cancelled' });
      return new Promise((resolve) => {
        let lastLook: NodeJS.Timeout | undefined;
        const cancel = (): void => finish({ kind: 'cancelled' });
        const finish = (completion: Completion): void => {
          clearTimeout(deadline);
          clearTimeout(lastLook);
          signal.removeEventListener('abort', cancel);
          remove(activationId, finish);
          resolve(completion);
        };
        const deadline = setTimeout(() => {
          lastLook = setTimeout(() => finish({ kind: 'timeout' }), LAST_LOOK_MS);
          void look([activationId]).then(() => finish({ kind: 'timeout' }));
        }, deadlineAt.getTime() - Date.now());
        signal.addEventListener('abort', cancel, { once: true });
        add(activationId, finish);
      });
    },

    waiting: () => [...waiters.values()].reduce((sum, group) => sum + group.size, 0),

    idle(timeoutMs) {
      if (waiters.size === 0) return Promise.resolve();
      return new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          idleCallbacks.delete(done);
          resolve();
        };
        const timer = setTimeout(done, timeoutMs);
        idleCallbacks.add(done);
      });
    },

    stop() {
      stopped = true;
      for (const id of [...waiters.keys()]) settle(id, { kind: 'shutdown' });
    },
  };
}
