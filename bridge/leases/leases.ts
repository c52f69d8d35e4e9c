import type pg from 'pg';
import { jittered } from '../../shared/backoff.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import { createTurns } from '../../shared/turns.ts';
import type { IntegrationRow } from '../integrations/store.ts';
import type { BridgeTimeouts } from '../timeouts.ts';
import { CLAIM_BATCH, claimLeases, type HeldLease, readLeases, reclaimLeases } from './queries/leases.ts';
import { beat, freeOrphans, leave, registerProcess } from './queries/processes.ts';

/** So much later than another process runs out by the database's clock, at most: not all at the same moment. */
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
  /** Looks now instead of at the next turn: there may be something to take. */
  wake(): void;
  /** This integration has changed, or whatever may have. */
  refresh(id?: string): void;
  /** Stops running one at once; it comes back at the next turn if its row is still active. */
  drop(id: string): void;
  /** Also right after the process was stopped for a while, before anybody was told of it. */
  isHeld(id: string): boolean;
}

/**
 * Shares the active integrations among all bridge processes: each is run by one of them, and taken over when that one dies. A process says
 * that it is alive in one row; the row of an integration is written when it changes hands. A process that cannot say so stops running
 * everything by itself before anybody else may start.
 */
export function createLeases(deps: {
  pool: pg.Pool;
  /** A new name at each call, among all processes that ever ran. */
  newOwner: () => string;
  load: (ids: readonly string[]) => Promise<IntegrationRow[]>;
  holder: LeaseHolder;
  timeouts: BridgeTimeouts['leases'];
  logger: Logger;
}): Leases {
  const { pool, load, holder, logger } = deps;
  const { validityMs, renewalMs, lookMs } = deps.timeouts;
  const held = new Map<string, HeldLease>();
  /** Undefined before the first turn, and after somebody has taken this process for dead. */
  let owner: string | undefined;
  let validUntilMs = 0;
  let expiry: NodeJS.Timeout | undefined;
  /** What is to be looked at in the next turn; also what is not run here: it may be ours again. */
  let changed = new Set<string>();
  let lookAtAllFromMs = 0;

  function lose(id: string): void {
    if (held.delete(id)) holder.onLost(id);
  }
  function loseAll(): void {
    for (const id of [...held.keys()]) lose(id);
    lookAtAllFromMs = 0;
  }

  /** Counted from before the question, by a clock that goes on while the process is stopped. */
  function keepUntil(untilMs: number): void {
    validUntilMs = untilMs;
    clearTimeout(expiry);
    expiry = setTimeout(
      () => {
        if (held.size > 0) logger.warn({ integrations: held.size }, 'the leases ran out, the integrations are stopped');
        loseAll();
      },
      Math.max(0, untilMs - performance.now()),
    );
  }

  async function register(): Promise<string> {
    const fresh = deps.newOwner();
    const untilMs = performance.now() + validityMs;
    await registerProcess(pool, { owner: fresh, validityMs });
    owner = fresh;
    keepUntil(untilMs);
    return fresh;
  }

  /** A sign of life. */
  async function showLife(): Promise<{ as: string; hasFree: boolean; nextExpiryMs: number | undefined }> {
    const as = owner ?? (await register());
    const untilMs = performance.now() + validityMs;
    const { isAlive, ...seen } = await beat(pool, { owner: as, validityMs });
    if (isAlive) {
      keepUntil(untilMs);
      return { as, ...seen };
    }
    logger.warn({ integrations: held.size }, 'another bridge has taken this one for dead, its integrations are stopped');
    owner = undefined;
    loseAll();
    return { as: await register(), hasFree: true, nextExpiryMs: seen.nextExpiryMs };
  }

  async function lookAt(as: string): Promise<void> {
    const isAll = performance.now() >= lookAtAllFromMs;
    const asked = isAll ? [...held.keys()] : [...changed];
    const before = changed;
    changed = new Set();
    if (!isAll && asked.length === 0) return;
    try {
      const found = await readLeases(pool, as, isAll ? undefined : asked);
      await compare(asked, new Map(found.map((lease) => [lease.id, lease])), as);
    } catch (error) {
      changed = new Set([...before, ...changed]);
      throw error;
    }
    if (!isAll) return;
    const freed = await freeOrphans(pool);
    if (freed > 0) logger.warn({ integrations: freed }, 'integrations belonged to a bridge of which nothing is known');
    lookAtAllFromMs = performance.now() + jittered(lookMs);
  }

  async function compare(asked: readonly string[], found: ReadonlyMap<string, HeldLease>, as: string): Promise<void> {
    for (const id of asked) {
      if (found.get(id)?.epoch !== held.get(id)?.epoch) lose(id);
    }
    const news = [...found.values()].filter(
      ({ id, version, strayDue }) => held.has(id) && (strayDue || held.get(id)?.version !== version),
    );
    for (const { lease: now, row } of await withRows(news)) {
      const before = held.get(row.id);
      if (before === undefined) continue; // lost meanwhile
      held.set(row.id, now);
      if (before.version !== now.version) holder.onChanged(row);
      if (now.strayDue) holder.onStrayDue(row);
    }
    const idle = [...found.keys()].filter((id) => !held.has(id));
    if (idle.length > 0) await run(await reclaimLeases(pool, as, idle));
  }

  async function run(leases: readonly HeldLease[]): Promise<void> {
    for (const { lease, row } of await withRows(leases)) {
      if (stopping) continue;
      held.set(row.id, lease);
      holder.onAcquired(row);
    }
  }

  /** Without those that somebody else has taken since: their row is no longer ours. */
  async function withRows(leases: readonly HeldLease[]): Promise<{ lease: HeldLease; row: IntegrationRow }[]> {
    const byId = new Map(leases.map((lease) => [lease.id, lease]));
    return (await load([...byId.keys()])).flatMap((row) => {
      const lease = byId.get(row.id);
      return lease?.epoch === row.leaseEpoch ? [{ lease, row }] : [];
    });
  }

  async function claim(as: string, signal: AbortSignal): Promise<void> {
    for (;;) {
      const claimed = await claimLeases(pool, as);
      if (signal.aborted) return;
      await run(claimed);
      if (claimed.length < CLAIM_BATCH) return;
    }
  }

  let stopping = false;
  const turns = createTurns({
    work: async (signal) => {
      const { as, hasFree, nextExpiryMs } = await showLife();
      await lookAt(as);
      if (hasFree) await claim(as, signal);
      // What a process had that died is taken over as soon as that shows, and not only at our next turn.
      return Math.min(renewalMs, (nextExpiryMs ?? renewalMs) + jittered(AFTER_EXPIRY_MS));
    },
    onError: (error) => {
      logger.warn({ reason: String(error) }, 'the leases could not be kept, trying again');
      // An answer that was lost may have been that we have more than we know of.
      lookAtAllFromMs = 0;
      return renewalMs;
    },
  });

  return {
    start: turns.start,
    async stop() {
      stopping = true;
      await turns.stop();
      clearTimeout(expiry);
      loseAll();
      if (owner === undefined) return;
      await leave(pool, owner).catch((error: unknown) => {
        logger.warn({ reason: String(error) }, 'the leases could not be given back, they run out by themselves');
      });
    },
    wake: turns.wake,
    refresh(id) {
      if (id === undefined) lookAtAllFromMs = 0;
      else changed.add(id);
      turns.wake();
    },
    drop(id) {
      lose(id);
      changed.add(id);
    },
    isHeld: (id) => held.has(id) && performance.now() < validUntilMs,
  };
}
