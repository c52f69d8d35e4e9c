import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { PonteError } from '../../shared/errors/ponte-error.ts';

const run = promisify(execFile);
const USER_NAME = 'postgres';

/** Where root keeps what the server's own user must reach, when the project itself is out of that user's reach. */
export const reachableRoot = '/var/lib/ponte';

/** Who PostgreSQL runs as. */
export interface ServerUser {
  readonly uid: number;
  readonly gid: number;
}

/**
 * PostgreSQL refuses to run as root, so root runs it as the user `postgres`, which is made if it is missing.
 * Anybody else runs it as themselves: undefined.
 */
export async function findServerUser(): Promise<ServerUser | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  const known = await idsOf(USER_NAME);
  if (known) return known;
  try {
    await run('useradd', ['--system', '--no-create-home', '--shell', '/usr/sbin/nologin', '--user-group', USER_NAME]);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PonteError('embedded_postgres_failed', {
      detail: `PostgreSQL does not run as root, and the user "${USER_NAME}" could not be made (${reason}); start Ponte as an ordinary user, or set DATABASE_URL`,
    });
  }
  const made = await idsOf(USER_NAME);
  if (!made) throw new PonteError('embedded_postgres_failed', { detail: `the user "${USER_NAME}" was made but is not known` });
  return made;
}

async function idsOf(name: string): Promise<ServerUser | undefined> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return undefined;
  }
}

/** Whether `user` may execute (or, for a directory, enter) `path`. Asked of the system itself, in that user's name. */
export async function canReach(user: ServerUser, path: string): Promise<boolean> {
  return run('/bin/sh', ['-c', 'test -x "$0"', path], { ...user, cwd: '/' }).then(
    () => true,
    () => false,
  );
}

/**
 * The directory to use for `wanted`: that one, or, where the server's user cannot get there, one under {@link reachableRoot}
 * whose name is unique to `wanted`.
 */
export async function directoryWithinReach(user: ServerUser | undefined, wanted: string): Promise<string> {
  const path = resolve(wanted);
  if (user === undefined || (await canReach(user, await nearestExisting(path)))) return path;
  const id = createHash('sha256').update(path).digest('hex').slice(0, 8);
  return join(reachableRoot, `${basename(path)}-${id}`);
}

async function nearestExisting(path: string): Promise<string> {
  return access(path).then(
    () => path,
    () => nearestExisting(dirname(path)),
  );
}
