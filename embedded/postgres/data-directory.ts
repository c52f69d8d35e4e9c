import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { PostgresBinaries } from './binaries.ts';
import type { ServerUser } from './server-user.ts';

const run = promisify(execFile);
const INITDB_TIMEOUT_MS = 60_000;

/** The superuser of the embedded server, and the database the runner uses. */
export const ROLE = 'ponte';
export const DATABASE = 'ponte';

export interface DataDirectory {
  /** What `postgres -D` takes. */
  readonly data: string;
  readonly logFile: string;
  readonly password: string;
}

/**
 * Makes `home` a directory with a PostgreSQL cluster in it, or takes the cluster that is there. Beside the cluster lie its random
 * password (0600) and the server's log. Throws PonteError `embedded_postgres_version` for a cluster of another major version.
 */
export async function prepareDataDirectory({
  home,
  binaries,
  user,
  durable,
}: {
  home: string;
  binaries: PostgresBinaries;
  user: ServerUser | undefined;
  durable: boolean;
}): Promise<DataDirectory> {
  await mkdir(home, { recursive: true });
  await chmod(home, 0o700);
  if (user) await chown(home, user.uid, user.gid);
  const data = join(home, 'data');
  const password = await readOrMakePassword(join(home, 'password'), user);
  const found = await readFile(join(data, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (found === undefined) await initialise({ home, data, binaries, user, durable });
  else if (found.trim() !== binaries.majorVersion) {
    throw new PonteError('embedded_postgres_version', { dir: data, found: found.trim(), expected: binaries.majorVersion });
  }
  return { data, logFile: join(home, 'postgres.log'), password };
}

async function readOrMakePassword(file: string, user: ServerUser | undefined): Promise<string> {
  const known = await readFile(file, 'utf8').catch(() => '');
  if (known.trim() !== '') return known.trim();
  const password = randomBytes(24).toString('base64url');
  await writeFile(file, `${password}\n`, { mode: 0o600 });
  // initdb reads it, in the name of the server's user.
  if (user) await chown(file, user.uid, user.gid);
  return password;
}

async function initialise(place: {
  home: string;
  data: string;
  binaries: PostgresBinaries;
  user: ServerUser | undefined;
  durable: boolean;
}): Promise<void> {
  // Renamed only when whole: an initdb that was interrupted is never mistaken for a cluster.
  const draft = join(place.home, 'data.new');
  await rm(draft, { recursive: true, force: true });
  const args = ['-D', draft, '-U', ROLE, `--pwfile=${join(place.home, 'password')}`];
  args.push(`--auth=${place.durable ? 'scram-sha-256' : 'password'}`, '--encoding=UTF8', '--locale=C', '--no-instructions');
  // What is gone with its tests needs no disk, and no proof of a password that costs each connection more than the connection itself.
  if (!place.durable) args.push('--no-sync', '-c', 'scram_iterations=1');
  try {
    await run(place.binaries.initdb, args, { ...place.user, cwd: place.home, timeout: INITDB_TIMEOUT_MS });
  } catch (error) {
    throw new PonteError('embedded_postgres_failed', { detail: `initdb: ${reasonOf(error)}` });
  }
  await rename(draft, place.data);
}

function reasonOf(error: unknown): string {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
  if (stderr !== '') return stderr.replace(/\s*\n\s*/g, '; ');
  return error instanceof Error ? error.message : String(error);
}
