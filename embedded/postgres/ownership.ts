import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { ROLE } from './data-directory.ts';

// Any constant will do, as long as it is not the one migrations lock with.
const OWNER_LOCK = 0x70676f77;
const CONNECT_TIMEOUT_MS = 2_000;
const REOWN_INTERVAL_MS = 1_000;
/** PostgreSQL says so while it replays its log after a crash. */
const STARTING_UP = '57P03';

interface ServerAddress {
  port: number;
  password: string;
  database: string;
}

type Ownership = { state: 'owned'; client: pg.Client; release(): Promise<void> } | { state: 'owned_by_another' | 'unreachable' };

/**
 * Whether a runner is alive behind a server cannot be told from the server's pid file. So a runner holds an advisory lock for as
 * long as it lives: the operating system ends its connection, and with it the lock, however the runner dies.
 */
export async function tryOwn(address: ServerAddress): Promise<Ownership> {
  for (let attempt = 1; ; attempt += 1) {
    const client = new pg.Client({
      host: '127.0.0.1',
      user: ROLE,
      connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
      keepAlive: true,
      ...address,
    });
    client.on('error', () => {});
    try {
      await client.connect();
      const { rows } = await client.query<{ owned: boolean }>('SELECT pg_try_advisory_lock($1) AS owned', [OWNER_LOCK]);
      if (rows[0]?.owned) return { state: 'owned', client, release: () => client.end() };
      await client.end();
      return { state: 'owned_by_another' };
    } catch (error) {
      await client.end().catch(() => {});
      const startingUp = error instanceof pg.DatabaseError && error.code === STARTING_UP;
      if (!startingUp || attempt >= 5) return { state: 'unreachable' };
      await delay(500);
    }
  }
}

/** Owns the server until `release`, also across a crash recovery of PostgreSQL, which ends every connection. */
export async function keepOwnership(address: ServerAddress): Promise<{ release(): Promise<void> }> {
  let held: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let released = false;
  const own = async (): Promise<void> => {
    const ownership = await tryOwn(address);
    if (released) {
      if (ownership.state === 'owned') await ownership.release();
      return;
    }
    if (ownership.state !== 'owned') {
      timer = setTimeout(() => void own(), REOWN_INTERVAL_MS);
      return;
    }
    held = ownership.client;
    held.once('end', () => {
      if (!released) timer = setTimeout(() => void own(), REOWN_INTERVAL_MS);
    });
  };
  await own();
  return {
    release: async () => {
      released = true;
      clearTimeout(timer);
      await held?.end().catch(() => {});
    },
  };
}
