import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Logger } from 'pino';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { PostgresBinaries } from './binaries.ts';
import { DATABASE, type DataDirectory } from './data-directory.ts';
import { tryOwn } from './ownership.ts';
import { notedServer } from './running-server.ts';
import type { ServerUser } from './server-user.ts';

const run = promisify(execFile);
const STOP_TIMEOUT_SECONDS = 30;

/**
 * Clears the way for a new server in `directory`. A server that a killed runner left behind is stopped; a pid file that names a
 * process of somebody else is removed. Throws PonteError `embedded_postgres_in_use` when another runner is alive and owns the server.
 */
export async function clearPreviousServer({
  directory,
  binaries,
  user,
  log,
}: {
  directory: DataDirectory;
  binaries: PostgresBinaries;
  user: ServerUser | undefined;
  log: Pick<Logger, 'info'>;
}): Promise<void> {
  const noted = await notedServer(directory.data);
  if (noted === undefined) return;
  const { pid, port } = noted;
  if (!noted.isRunning) {
    log.info({ pid }, 'removed the pid file of an embedded PostgreSQL that no longer runs');
    await rm(noted.pidFile, { force: true });
    return;
  }
  const ownership = await tryOwn({ port, password: directory.password, database: DATABASE });
  if (ownership.state === 'owned_by_another') throw new PonteError('embedded_postgres_in_use', { dir: directory.data });
  if (ownership.state === 'owned') await ownership.release();
  const stop = (mode: string) =>
    run(binaries.pgCtl, ['stop', '-D', directory.data, '-m', mode, '-w', '-t', String(STOP_TIMEOUT_SECONDS)], {
      ...user,
      cwd: '/',
    });
  await stop('fast').catch(() => stop('immediate'));
  log.info({ pid }, 'stopped an embedded PostgreSQL that an earlier run had left behind');
}
