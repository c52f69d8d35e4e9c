import { setTimeout as delay } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { expectInvariants } from '../support/invariants.ts';
import { type QueueEngine, startStack } from '../support/stack.ts';
import { createWorld, type World } from '../support/world.ts';

const CUTS = 500;
const RESTARTS = 3;
const PLACES = 12;
const BETWEEN_MS = 400;
const AWAY_MS = 1_200;
/** Whatever an activation ends in while a server goes away under it; a client always has an answer. */
const ANSWERS = [201, 409, 500, 502, 503, 504];

/** Ends every connection to the database, as an administrator or a restart does. Resolves with how many those were. */
async function cutDatabase({ stack }: World): Promise<number> {
  const client = new pg.Client({ connectionString: stack.databaseUrl });
  client.on('error', () => {});
  await client.connect();
  const { rowCount } = await client.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`,
  );
  await client.end();
  return rowCount ?? 0;
}

async function cutRedis({ redis }: World): Promise<number> {
  if (redis === undefined) return 0;
  const client = new Redis(redis.url);
  const killed = Number(await client.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes'));
  client.disconnect();
  return killed;
}

/** Nobody is there for a while: the connections end, and new ones are refused. */
async function restartServers(world: World): Promise<void> {
  const { wires, redis } = world;
  const databases = [wires.apiDatabase, wires.workerDatabase, wires.bridgeDatabase];
  await cutDatabase(world);
  await Promise.all([...databases.map((wire) => wire.set({ mode: 'refuse' })), redis?.kill9()]);
  await delay(AWAY_MS);
  await Promise.all([...databases.map((wire) => wire.set({ mode: 'pass' })), redis?.restart()]);
}

describe(`${CUTS} connections that are cut under load, and ${RESTARTS} restarts of the servers`, () => {
  it.each<QueueEngine>(['postgres', 'redis'])(
    'end no process and lose nothing, queue on %s',
    { timeout: 300_000 },
    async (engine) => {
      const world = await createWorld({ engine, entries: { worker: 'test/support/quick-worker.ts' } }, startStack);
      try {
        const places = await Promise.all(Array.from({ length: PLACES }, () => world.newPlace()));
        let isOver = false;
        const load = Promise.all(
          places.map(async (place, index) => {
            for (let round = 0; !isOver; round += 1) {
              await world.set(place, { inboxName: `Round ${round}` });
              await delay(50 * (1 + (index % 4)));
            }
          }),
        );
        let cuts = 0;
        for (let round = 1; cuts < CUTS; round += 1) {
          await delay(BETWEEN_MS);
          cuts += (await cutDatabase(world)) + (await cutRedis(world));
          if (round <= RESTARTS) await restartServers(world);
        }
        isOver = true;
        await load;
        const statuses = world.told.map(({ answer }) => answer?.status ?? 0);
        console.log(
          `${engine}: ${cuts} cut; ${ANSWERS.map((one) => `${statuses.filter((status) => status === one).length} × ${one}`).join(', ')}`,
        );
        expect(statuses.filter((status) => !ANSWERS.includes(status))).toEqual([]);
        // Afterwards everything works again.
        expect((await Promise.all(places.map((place) => world.set(place)))).map(({ answer }) => answer?.status)).toEqual(
          places.map(() => 201),
        );
        await expectInvariants(world, { settleMs: 60_000 });
      } finally {
        await world.stop();
      }
    },
  );
});
