import { once } from 'node:events';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import pg from 'pg';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createInstanceLocks } from '../../bridge/leases/instance-locks.ts';
import { BRIDGE_TIMEOUTS } from '../../bridge/timeouts.ts';
import { createDatabase, isDatabaseUnavailable } from '../../shared/database/database.ts';
import { createListener } from '../../shared/database/listener.ts';
import { createJobConsumer } from '../../shared/queue/consumer.ts';
import { createJobQueue } from '../../shared/queue/job-queue.ts';
import { activationJobOptions } from '../../shared/queue/queues.ts';
import { createTestDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';

const logger = pino({ level: 'silent' });

/** What PostgreSQL says last on a connection that an administrator ends. */
function terminated(): Buffer {
  const fields = ['SFATAL', 'VFATAL', 'C57P01', 'Mterminating connection due to administrator command', ''].join('\0');
  const body = Buffer.from(`${fields}\0`, 'latin1');
  const head = Buffer.from('E....', 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** "Ready for the next query", with no transaction under way. */
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/**
 * A PostgreSQL that ends connections in the worst moment: in the same breath in which it says that it is ready. The next `kills` times that
 * one becomes ready for the `nth` time (the first is the end of the handshake), it does so, the first `spared` connections excepted.
 */
async function createCruelPostgres(target: { port: number }) {
  let doomed = { kills: 0, nth: 1, spared: 0 };
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = dial({ host: '127.0.0.1', port: target.port });
    let ready = 0;
    const isSpared = doomed.spared > 0;
    if (isSpared) doomed.spared -= 1;
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        client.destroy();
        upstream.destroy();
        sockets.delete(socket);
      });
    }
    client.pipe(upstream);
    upstream.on('data', (chunk) => {
      if (chunk.includes(READY)) ready += 1;
      if (ready !== doomed.nth || doomed.kills === 0 || isSpared) return void client.write(chunk);
      doomed.kills -= 1;
      client.end(Buffer.concat([chunk, terminated()]));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    kill(kills: number, nth: number, spared = 0) {
      doomed = { kills, nth, spared };
    },
    left: () => doomed.kills,
    async stop() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}

describe('a process lives on when PostgreSQL ends a connection in the very moment it becomes usable', () => {
  let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
  let postgres: Awaited<ReturnType<typeof createCruelPostgres>>;
  let url: string;
  /** What would have ended it. */
  let fatal: unknown[];
  let others: NodeJS.UncaughtExceptionListener[];
  const note = (error: unknown) => fatal.push(error);

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    const through = new URL(testDatabase.url);
    postgres = await createCruelPostgres({ port: Number(through.port) });
    through.port = String(postgres.port);
    url = through.href;
  });
  afterAll(async () => {
    await postgres?.stop();
    await testDatabase?.drop();
  });
  beforeEach(() => {
    fatal = [];
    others = process.listeners('uncaughtException');
    process.removeAllListeners('uncaughtException');
    process.on('uncaughtException', note);
  });
  afterEach(async () => {
    await nextTurn();
    process.off('uncaughtException', note);
    for (const listener of others) process.on('uncaughtException', listener);
    postgres.kill(0, 1);
  });

  it('would not, with the connections that pg makes itself', async () => {
    postgres.kill(1, 1);
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await waitFor(() => fatal.length > 0);
    expect(fatal).toMatchObject([{ code: '57P01' }]);
    await client.end().catch(() => {});
  });

  it.each([
    ['connected', 1],
    ['used once', 2],
  ])('in the pool and below Prisma, just %s', async (_name, nth) => {
    const database = createDatabase({ url, poolSize: 2 });
    try {
      postgres.kill(6, nth);
      const queries = [
        () => database.prisma.$transaction((tx) => tx.account.count()),
        () => database.prisma.account.count(),
        () => database.pool.query('SELECT 1'),
      ];
      await waitFor(async () => {
        for (const query of queries) {
          const failure: unknown = await query().then(
            () => undefined,
            (error: unknown) => error,
          );
          if (failure !== undefined) expect([String(failure), isDatabaseUnavailable(failure)]).toEqual([String(failure), true]);
        }
        return postgres.left() === 0;
      });
      await waitFor(() =>
        database.prisma.account.count().then(
          () => true,
          () => false,
        ),
      );
    } finally {
      await database.stop();
    }
    expect(fatal).toEqual([]);
  });

  it.each([1, 2])('in what listens, which then connects again (%s)', async (nth) => {
    postgres.kill(3, nth);
    const told: string[] = [];
    const listener = createListener({ databaseUrl: url, logger });
    listener.subscribe('news', { onNotification: (payload) => told.push(payload), onConnected: () => {} });
    listener.start();
    const sender = createDatabase({ url: testDatabase.url, poolSize: 1 });
    try {
      await waitFor(async () => {
        await sender.pool.query(`NOTIFY news, 'heard'`);
        return postgres.left() === 0 && told.includes('heard');
      });
    } finally {
      await Promise.all([listener.stop(), sender.stop()]);
    }
    expect(fatal).toEqual([]);
  });

  it.each([1, 2])('in the pool that the locks of instances use, which then connects again (%s)', async (nth) => {
    postgres.kill(3, nth);
    const database = createDatabase({ url, poolSize: 1 });
    const locks = createInstanceLocks({ pool: database.pool, owner: 'one', timeouts: BRIDGE_TIMEOUTS.locks, logger });
    try {
      await waitFor(async () => {
        const lock = await locks.acquire('ins', 100).catch(() => undefined);
        const held = lock?.isHeld() ?? false;
        await lock?.release();
        return held && postgres.left() === 0;
      });
    } finally {
      await locks.stop();
      await database.stop();
    }
    expect(fatal).toEqual([]);
  });

  // BullMQ's worker has a pool of its own and one connection that listens; what listens is not made by the pool.
  it.each([
    [1, 0],
    [2, 0],
    [3, 0],
    [1, 1],
    [2, 1],
  ])('in the queue, which then works again (%s, %s spared)', async (nth, spared) => {
    postgres.kill(5, nth, spared);
    const location = { kind: 'postgres', url } as const;
    const name = `cruel-${nth}-${spared}`;
    const worked = new Set<unknown>();
    const consumer = createJobConsumer({
      name,
      location,
      concurrency: 2,
      processor: async (job) => {
        worked.add(job.id);
        return null;
      },
      onFailed: () => {},
      logger,
    });
    consumer.start();
    const queue = createJobQueue<object>({ name, location, jobOptions: activationJobOptions, logger });
    let added = 0;
    try {
      await waitFor(async () => {
        added += 1;
        await queue.add(`job-${added}`, {}).catch(() => {});
        return postgres.left() === 0;
      });
      await waitFor(() =>
        queue.add('last', {}).then(
          () => true,
          () => false,
        ),
      );
      await waitFor(() => worked.has('last'));
    } finally {
      await Promise.all([consumer.stop(0), queue.close()]);
    }
    expect(fatal).toEqual([]);
  });
});
