import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Logger } from 'pino';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { locateBinaries } from './binaries.ts';
import { DATABASE, type DataDirectory, prepareDataDirectory, ROLE } from './data-directory.ts';
import { keepOwnership } from './ownership.ts';
import { clearPreviousServer } from './previous-server.ts';
import { databaseUrl } from './running-server.ts';
import { type ServerProcess, startServerProcess } from './server-process.ts';
import { directoryWithinReach, findServerUser } from './server-user.ts';

const CONNECT_TIMEOUT_MS = 10_000;

/** `ephemeral` is for tests: nothing is flushed to disk, and everything is gone after `stop`. It lies in `within`, or where temporary files do. */
type Storage = { dataDir: string; ephemeral?: false } | { ephemeral: true; within?: string };

export type EmbeddedPostgresOptions = Storage & {
  port: number;
  log: Pick<Logger, 'info' | 'error'>;
};

export interface EmbeddedPostgres {
  /**
   * Starts the server (about a second, the first time two) and answers the URL of its database. A second start with the same
   * `dataDir` finds the data of the first.
   *
   * Throws PonteError: `port_in_use`, `embedded_postgres_missing`, `embedded_postgres_version`, `embedded_postgres_in_use`,
   * `embedded_postgres_failed`.
   */
  start(): Promise<{ url: string; pid: number }>;
  /** Stops it, within 20 s at the worst. Nothing committed is lost. */
  stop(): Promise<void>;
}

/** A real PostgreSQL on 127.0.0.1, from the binaries that npm brought. It is for this machine only, and outlives Ctrl-C until `stop`. */
export function createEmbeddedPostgres(options: EmbeddedPostgresOptions): EmbeddedPostgres {
  const { port, log } = options;
  let started: { server: ServerProcess; release(): Promise<void>; temporary: string | undefined } | undefined;

  async function stop(): Promise<void> {
    const stopping = started;
    started = undefined;
    if (!stopping) return;
    await stopping.release();
    await stopping.server.stop();
    if (stopping.temporary) await rm(stopping.temporary, { recursive: true, force: true });
  }

  async function start(): Promise<{ url: string; pid: number }> {
    if (started) throw new Error('this embedded PostgreSQL is already started');
    const user = await findServerUser();
    const binaries = await locateBinaries(user);
    const temporary = options.ephemeral ? await mkdtemp(join(options.within ?? tmpdir(), 'ponte-postgres-')) : undefined;
    try {
      const home = options.ephemeral ? (temporary ?? '') : await directoryWithinReach(user, options.dataDir);
      const directory = await prepareDataDirectory({ home, binaries, user, durable: !options.ephemeral });
      await clearPreviousServer({ directory, binaries, user, log });
      const server = await startServerProcess({ directory, binaries, user, port, durable: !options.ephemeral, log });
      started = { server, temporary, release: async () => {} };
      const { release } = await createDatabase(directory, port);
      started.release = release;
      return { url: databaseUrl(directory.password, port), pid: server.pid };
    } catch (error) {
      await stop();
      if (temporary) await rm(temporary, { recursive: true, force: true });
      throw asPonteError(error);
    }
  }

  return { start, stop };
}

async function createDatabase({ password }: DataDirectory, port: number): Promise<{ release(): Promise<void> }> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port,
    user: ROLE,
    password,
    database: 'postgres',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
  return keepOwnership({ port, password, database: DATABASE });
}

function asPonteError(error: unknown): PonteError {
  if (error instanceof PonteError) return error;
  return new PonteError('embedded_postgres_failed', { detail: error instanceof Error ? error.message : String(error) });
}
