import { setTimeout as delay } from 'node:timers/promises';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { createInstanceLocks, type InstanceLocks } from '../../bridge/leases/instance-locks.ts';
import { BRIDGE_TIMEOUTS } from '../../bridge/timeouts.ts';
import { createDatabase, type Database } from '../../shared/database/database.ts';
import { createTestDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';

const TIMEOUTS = { validityMs: 1_500, renewalMs: 300 };

describe('the right to change the integrations of an instance', () => {
  let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
  let database: Database;
  const started: InstanceLocks[] = [];
  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    database = createDatabase({ url: testDatabase.url, poolSize: 4 });
    await database.ping();
  });
  afterAll(async () => {
    await Promise.all(started.map((locks) => locks.stop()));
    await database?.stop();
    await testDatabase?.drop();
  });

  /** As one bridge process among several has them; one that never prolongs anything stands for a process that was killed. */
  function locksOf(owner: string, timeouts = TIMEOUTS): InstanceLocks {
    const locks = createInstanceLocks({ pool: database.pool, owner, timeouts, logger: pino({ level: 'silent' }) });
    started.push(locks);
    return locks;
  }
  const locksThatDie = (owner: string): InstanceLocks => locksOf(owner, { ...TIMEOUTS, renewalMs: 3_600_000 });
  const rows = () => database.prisma.bridgeLock.findMany();

  it('has one holder among all processes, and within one', async () => {
    const one = locksOf('one');
    const other = locksOf('other');
    const lock = await one.acquire('shared', 0);
    expect(await other.acquire('shared', 0)).toBeUndefined();
    expect(await one.acquire('shared', 0)).toBeUndefined();
    await lock?.release();
    const next = await other.acquire('shared', 0);
    expect(next?.isHeld()).toBe(true);
    await next?.release();
  });

  it('goes to whoever waits for it, as soon as it is released', async () => {
    const lock = await locksOf('first').acquire('waited-for', 0);
    const waiting = locksOf('second').acquire('waited-for', 20_000);
    await lock?.release();
    const got = await waiting;
    expect(got?.isHeld()).toBe(true);
    await got?.release();
  });

  it('stays with a process that lives, for longer than it is valid', async () => {
    const lock = await locksOf('lives').acquire('long', 0);
    expect(await locksOf('impatient').acquire('long', TIMEOUTS.validityMs * 2)).toBeUndefined();
    expect(lock?.isHeld()).toBe(true);
    await lock?.release();
  });

  it('asks nothing of the database once it is released', async () => {
    const query = vi.spyOn(database.pool, 'query');
    const lock = await locksOf('done').acquire('released', 0);
    await lock?.release();
    expect(query).toHaveBeenCalledTimes(2);
    // Twice the time after which it would have been prolonged.
    await delay(2 * TIMEOUTS.renewalMs);
    expect(query).toHaveBeenCalledTimes(2);
    query.mockRestore();
  });

  it('goes with a statement of its holder’s, once: what is released after that is another’s', async () => {
    const locks = locksOf('at-once');
    const lock = await locks.acquire('with-a-statement', 0);
    await database.pool.query('DELETE FROM bridge_locks WHERE owner = $1 AND fence = $2', [lock?.key.owner, lock?.key.fence]);
    lock?.released();
    expect(lock?.isHeld()).toBe(false);
    const next = await locks.acquire('with-a-statement', 0);
    await lock?.release();
    expect(next?.isHeld()).toBe(true);
    expect(await rows()).toMatchObject([{ instanceId: 'with-a-statement', fence: BigInt(next?.key.fence ?? 0) }]);
    await next?.release();
  });

  it('outlives a killed holder until it runs out, and is then another’s; the first knows by itself that it is lost', async () => {
    const lost = await locksThatDie('killed').acquire('orphaned', 0);
    const successor = locksOf('successor');
    expect(await successor.acquire('orphaned', 0)).toBeUndefined();
    const taken = await successor.acquire('orphaned', 20_000);
    expect([taken?.isHeld(), lost?.isHeld()]).toEqual([true, false]);
    await lost?.release();
    expect(await rows()).toMatchObject([{ instanceId: 'orphaned', owner: 'successor' }]);
    await taken?.release();
  });

  it('never has the same fence twice, and leaves no row behind', async () => {
    const locks = locksOf('again');
    const fences = new Set<bigint>();
    for (let round = 0; round < 3; round += 1) {
      const lock = await locks.acquire('again', 0);
      for (const { fence } of await rows()) fences.add(fence);
      await lock?.release();
    }
    expect(fences.size).toBe(3);
    expect(await rows()).toEqual([]);
  });

  it('can be had for hundreds of instances at once with few connections, none of which stays in use', async () => {
    const locks = locksOf('many', BRIDGE_TIMEOUTS.locks);
    const all = await Promise.all(Array.from({ length: 300 }, (_, index) => locks.acquire(`many-${index}`, 0)));
    await waitFor(() => database.pool.idleCount === database.pool.totalCount, { describe: 'every connection being idle' });
    expect(database.pool.totalCount).toBeLessThanOrEqual(4);
    expect(all.every((lock) => lock?.isHeld())).toBe(true);
    await locks.stop();
    expect(all.some((lock) => lock?.isHeld())).toBe(false);
    expect(await rows()).toEqual([]);
  });
});
