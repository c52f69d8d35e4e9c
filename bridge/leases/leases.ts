import type pg from 'pg';
import { jittered } from '../../shared/backoff.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import { createTurns } from '../../shared/turns.ts';
import type { IntegrationRow } from '../integrations/store.ts';
import type { BridgeTimeouts } from '../timeouts.ts';
import { claimLeases, type HeldLease, nextExpiryMs, releaseLeases, renewLeases } from './queries/leases.ts';

/** So much later than the lease runs out by the database's clock, at most: not all at the same moment. */
const AFTER_EXPIRY_MS = 100;

/** What is told of the integrations this process runs. Calls for one integration come in order and must not throw. */
export interface LeaseHolder {
  onAcquired(row: IntegrationRow): void;
  /** The row of one that is run has changed. */
  onChanged(row: IntegrationRow): void;
  /** An inbox that nobody knows of may have been made for it, and can be looked for by now. Told until `createSentAt` is gone. */
  onStrayDue(row: IntegrationRow): void;
  /** Somebody else may run it from now on, or nobody shall. */
  onLost(id: string): void;
}

/** Tells several holders, in this order. */
export const allHolders = (...holders: readonly LeaseHolder[]): LeaseHolder => ({
  onAcquired(row) {
    for (const holder of holders) holder.onAcquired(row);
  },
  onChanged(row) {
    for (const holder of holders) holder.onChanged(row);
  },
  onStrayDue(row) {
    for (const holder of holders) holder.onStrayDue(row);
  },
  onLost(id) {
    for (const holder of holders) holder.onLost(id);
  },
});

export interface Leases {
  start(): void;
  /** Gives all leases back. */
  stop(): Promise<void>;
  /** Looks now instead of at the next turn: something has changed. */
  refresh(): void;
  /** Stops running one at once; it comes back at the next turn if its row is still active. */
  drop(id: string): void;
  /** Also right after the process was stopped for a while, before anybody was told of it. */
  isHeld(id: string): boolean;
}

/**
 * Shares the active integrations among all bridge processes: each is run by one of them, and taken over when that one dies. A process
 * that cannot prolong its leases stops running them by itself before anybody else may start.
 */
export function createLeases(deps: {
  pool: pg.Pool;
  /** Names this process among all that ever ran. */
  owner: string;
  load: (ids: readonly string[]) => Promise<IntegrationRow[]>;
  holder: LeaseHolder;
  timeouts: BridgeTimeouts['leases'];
  logger: Logger;
}): Leases {
  const { pool, owner, load, holder, logger } = deps;
  const { validityMs, renewalMs } = deps.timeouts;
  const terms = { owner, validityMs };
  const held = new Map<string, HeldLease>();
  let validUntilMs = 0;
  let expiry: NodeJS.Timeout | undefined;

  function lose(id: string): void {
    if (held.delete(id)) holder.onLost(id);
  }

  /** Counted from before the question, by a clock that goes on while the process is stopped. */
  function keepUntil(untilMs: number): void {
    validUntilMs = untilMs;
    clearTimeout(expiry);
    expiry = setTimeout(
      () => {
        if (held.size > 0) logger.warn({ integrations: held.size }, 'the leases ran out, the integrations are stopped');
        for (const id of [...held.keys()]) lose(id);
      },
      Math.max(0, untilMs - performance.now()),
    );
  }

  async function renew(): Promise<void> {
    const asked = [...held.keys()];
    const untilMs = performance.now() + validityMs;
    const kept = new Map((await renewLeases(pool, terms, asked)).map((lease) => [lease.id, lease]));
    keepUntil(untilMs);
    for (const id of asked) {
      if (kept.get(id)?.epoch !== held.get(id)?.epoch) lose(id);
    }
    const news = [...kept.values()].filter(({ id, version, strayDue }) => strayDue || held.get(id)?.version !== version);
    for (const row of await load(news.map(({ id }) => id))) {
      const before = held.get(row.id);
      const now = kept.get(row.id);
      if (before === undefined || now === undefined) continue; // lost meanwhile
      held.set(row.id, now);
      if (before.version !== now.version) holder.onChanged(row);
      if (now.strayDue) holder.onStrayDue(row);
    }
  }

  async function claim(signal: AbortSignal): Promise<void> {
    for (;;) {
      const claimed = await claimLeases(pool, terms, [...held.keys()]);
      if (claimed.length === 0) return;
      const rows = await load(claimed.map(({ id }) => id));
      if (signal.aborted) return;
      for (const row of rows) {
        const lease = claimed.find(({ id }) => id === row.id);
        if (lease === undefined) continue;
        held.set(row.id, lease);
        holder.onAcquired(row);
      }
    }
  }

  /** The leases of a process that died are taken over as soon as they run out, and not only when ours are next renewed. */
  async function untilNextTurn(): Promise<number> {
    const expiresMs = await nextExpiryMs(pool, [...held.keys()]);
    if (expiresMs === undefined) return renewalMs;
    return Math.min(renewalMs, expiresMs + jittered(AFTER_EXPIRY_MS));
  }

  const turns = createTurns({
    work: async (signal) => {
      await renew();
      await claim(signal);
      return untilNextTurn();
    },
    onError: (error) => {
      logger.warn({ reason: String(error) }, 'the leases could not be renewed, trying again');
      return renewalMs;
    },
  });

  return {
    start: turns.start,
    async stop() {
      await turns.stop();
      clearTimeout(expiry);
      for (const id of [...held.keys()]) lose(id);
      await releaseLeases(pool, owner).catch((error: unknown) => {
        logger.warn({ reason: String(error) }, 'the leases could not be given back, they run out by themselves');
      });
    },
    refresh: turns.wake,
    drop: lose,
    isHeld: (id) => held.has(id) && performance.now() < validUntilMs,
  };
}
