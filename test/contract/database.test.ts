import { DriverAdapterError } from '@prisma/driver-adapter-utils';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createDatabase, type Database, isDatabaseUnavailable, isWriteConflict } from '../../shared/database/database.ts';
import { createTestDatabase } from '../support/database.ts';
import { createFaultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

describe('waiting for a free connection', () => {
  const AWAY_WITHIN_MS = 2_500;
  let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
  let proxy: FaultProxy;
  let database: Database;

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    const url = new URL(testDatabase.url);
    proxy = await createFaultProxy({ target: { port: Number(url.port) } });
    url.port = String(proxy.port);
    database = createDatabase({ url: url.href, poolSize: 2, queryTimeoutMs: 1_500 });
  });
  afterAll(async () => {
    await proxy?.set({ mode: 'pass' });
    await database?.stop();
    await proxy?.stop();
    await testDatabase?.drop();
  });

  const slowly = () => database.prisma.$transaction((tx) => tx.$queryRaw`SELECT pg_sleep(0.4)::text`);
  const many = (count: number) => Promise.allSettled(Array.from({ length: count }, slowly));

  it('takes as long as it takes while the database works: nobody is refused because many ask at once', async () => {
    const begunMs = performance.now();
    const outcomes = await many(20);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
    expect(performance.now() - begunMs).toBeGreaterThan(3_500);
  });

  it('ends soon when the database falls silent, for those that hold a connection and for those that wait', async () => {
    await slowly();
    await proxy.set({ mode: 'blackhole' });
    const begunMs = performance.now();
    const outcomes = await many(20);
    const tookMs = performance.now() - begunMs;
    await proxy.set({ mode: 'pass' });
    expect(outcomes.map((outcome) => outcome.status === 'rejected' && isDatabaseUnavailable(outcome.reason))).toEqual(
      Array.from({ length: 20 }, () => true),
    );
    expect(tookMs).toBeLessThan(AWAY_WITHIN_MS);
    await waitFor(
      () =>
        slowly().then(
          () => true,
          () => false,
        ),
      { describe: 'the database being back' },
    );
  });
});

describe('a process that is too busy to read an answer', () => {
  const BUSY_MS = 1_500;
  let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
  let database: Database;

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    database = createDatabase({ url: testDatabase.url, poolSize: 3, queryTimeoutMs: 1_000, silenceMs: 600 });
  });
  afterAll(async () => {
    await database?.stop();
    await testDatabase?.drop();
  });

  function block(): void {
    const untilMs = performance.now() + BUSY_MS;
    while (performance.now() < untilMs);
  }

  it('does not take the database for one that is away: queries and transactions under way, those that wait, new connections', async () => {
    const under = Array.from({ length: 12 }, (_, index) =>
      index % 2 === 0
        ? database.prisma.$transaction(async (tx) => {
            await tx.account.count();
            await tx.account.count();
          })
        : database.pool.query('SELECT 1'),
    );
    // While the first ones connect, and while statements of theirs are under way.
    block();
    await Promise.race(under);
    block();
    const outcomes = await Promise.allSettled([...under, database.ping()]);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([]);
  });

  it('is told by one connection that falls silent while others work, after the limit of a statement', async () => {
    const sleeping = database.pool.query('SET statement_timeout = 0; SELECT pg_sleep(10)').catch((error: unknown) => error);
    let isOver = false;
    sleeping.finally(() => (isOver = true));
    await waitFor(async () => {
      await database.pool.query('SELECT 1');
      return isOver;
    });
    expect(isDatabaseUnavailable(await sleeping)).toBe(true);
  });
});

describe('why a query failed', () => {
  let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
  let proxy: FaultProxy;
  /** One goes the way that can fail, the other there directly. */
  let database: Database;
  let direct: Database;

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    const url = new URL(testDatabase.url);
    proxy = await createFaultProxy({ target: { port: Number(url.port) } });
    url.port = String(proxy.port);
    database = createDatabase({ url: url.href, poolSize: 4, queryTimeoutMs: 1_000 });
    direct = createDatabase({ url: testDatabase.url, poolSize: 4 });
  });
  afterAll(async () => {
    await proxy?.set({ mode: 'pass' });
    await Promise.all([database?.stop(), direct?.stop()]);
    await proxy?.stop();
    await testDatabase?.drop();
  });

  const queries = {
    'a query': () => database.prisma.instance.findMany({ where: { name: 'any' } }),
    'a raw query': () => database.prisma.$queryRaw`SELECT 1`,
    'a transaction': () => database.prisma.$transaction((tx) => tx.$queryRaw`SELECT 1`),
  };
  const failureOf = async (run: () => Promise<unknown>): Promise<unknown> =>
    run().then(
      () => 'no failure',
      (error: unknown) => error,
    );

  it.each(Object.entries(queries))('is known to be that PostgreSQL is away: %s', async (_name, query) => {
    for (const mode of ['reset', 'refuse', 'blackhole'] as const) {
      await query();
      await proxy.set({ mode });
      const failure = await failureOf(query);
      await proxy.set({ mode: 'pass' });
      expect([mode, isDatabaseUnavailable(failure), isWriteConflict(failure)]).toEqual([mode, true, false]);
    }
  });

  it('is waited for at a start while PostgreSQL is slow, and said; where nobody answers, that is said at once', async () => {
    await proxy.set({ mode: 'blackhole' });
    const url = new URL(testDatabase.url);
    url.port = String(proxy.port);
    const slow = createDatabase({ url: url.href, poolSize: 1, queryTimeoutMs: 1_000 });
    const reasons: string[] = [];
    const ready = slow.assertReady((reason) => reasons.push(reason));
    await waitFor(() => reasons.length >= 2);
    await proxy.set({ mode: 'pass' });
    await ready;
    expect(reasons[0]).toMatch(/timeout|timed out/i);

    await proxy.set({ mode: 'refuse' });
    const gone = createDatabase({ url: url.href, poolSize: 1 });
    await expect(gone.assertReady(() => expect.unreachable())).rejects.toMatchObject({ code: 'database_unreachable' });
    await proxy.set({ mode: 'pass' });
    await Promise.all([slow.stop(), gone.stop()]);
  });

  /** Of a raw query that is under way in PostgreSQL now. */
  const pidOf = async (comment: string): Promise<number> => {
    const { rows } = await waitFor(
      async () => {
        const found = await direct.pool.query<{ pid: number }>(
          'SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND query LIKE $1',
          [`%${comment}%`],
        );
        return found.rowCount === 1 ? found : undefined;
      },
      { describe: comment },
    );
    return rows[0]?.pid ?? 0;
  };

  it('is known to be that the connection broke in the middle of a raw query', async () => {
    const failure = failureOf(() => database.prisma.$queryRaw`SELECT pg_sleep(0.8)::text -- broken`);
    await pidOf('-- broken');
    proxy.dropConnections();
    expect(isDatabaseUnavailable(await failure)).toBe(true);
  });

  it('is known to be that PostgreSQL ended the connection in the middle of a raw query', async () => {
    const failure = failureOf(() => database.prisma.$queryRaw`SELECT pg_sleep(0.8)::text -- ended`);
    await direct.pool.query('SELECT pg_terminate_backend($1)', [await pidOf('-- ended')]);
    expect(isDatabaseUnavailable(await failure)).toBe(true);
  });

  it('is known to be that a raw query took too long', async () => {
    expect(isDatabaseUnavailable(await failureOf(() => database.prisma.$queryRaw`SELECT pg_sleep(3)::text`))).toBe(true);
  });

  it('is known to be that PostgreSQL ended the connection, where the driver itself says so', () => {
    // As Prisma throws it where a transaction begins: its `cause` is no Error.
    const ended = new DriverAdapterError({
      kind: 'postgres',
      originalCode: '57P01',
      originalMessage: 'terminating connection due to administrator command',
      code: '57P01',
      severity: 'FATAL',
      message: 'terminating connection due to administrator command',
      detail: undefined,
      column: undefined,
      hint: undefined,
    });
    const closed = new DriverAdapterError({ kind: 'ConnectionClosed' });
    const wrong = new DriverAdapterError({ kind: 'ColumnNotFound', originalCode: '42703' });
    expect([ended, closed, wrong].map((error) => isDatabaseUnavailable(error))).toEqual([true, true, false]);
    expect(isWriteConflict(new DriverAdapterError({ kind: 'TransactionWriteConflict', originalCode: '40P01' }))).toBe(true);
  });

  it('is known to be a deadlock, of which the other side succeeds', async () => {
    const { prisma } = direct;
    await prisma.account.createMany({
      data: ['a', 'b'].map((id) => ({ id, name: id, tokenHash: id })),
    });
    const rename = (first: string, second: string, met: () => Promise<unknown>) =>
      prisma.$transaction(async (tx) => {
        await tx.$executeRaw`UPDATE accounts SET name = name || '!' WHERE id = ${first}`;
        await met();
        await tx.$executeRaw`UPDATE accounts SET name = name || '!' WHERE id = ${second}`;
      });
    let arrived = 0;
    const met = () => {
      arrived += 1;
      return waitFor(() => arrived === 2);
    };
    const outcomes = await Promise.all([failureOf(() => rename('a', 'b', met)), failureOf(() => rename('b', 'a', met))]);
    expect(outcomes.map((outcome) => isWriteConflict(outcome)).sort()).toEqual([false, true]);
    expect(outcomes).toContain('no failure');
    expect(outcomes.map((outcome) => isDatabaseUnavailable(outcome))).toEqual([false, false]);
  });

  it('is known to be nothing of that for a query that is wrong', async () => {
    const failure = await failureOf(() => direct.prisma.$queryRawUnsafe('SELECT nonsense'));
    expect(failure).toBeInstanceOf(Error);
    expect([isDatabaseUnavailable(failure), isWriteConflict(failure)]).toEqual([false, false]);
  });
});
