import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { projectRoot } from '../../shared/project-root.ts';

const run = promisify(execFile);
const CACHE = join(projectRoot, 'node_modules', '.cache', 'ponte');
const APT_TIMEOUT_MS = 120_000;

export interface RedisBinary {
  readonly command: string;
  readonly env: Record<string, string>;
}

/**
 * A Redis server to test against: `redis-server` or `valkey-server` of this machine, or else Debian's, unpacked into node_modules and
 * not installed. Throws an error that says what to install when there is none.
 */
export async function findRedisBinary(): Promise<RedisBinary> {
  for (const command of ['redis-server', 'valkey-server']) {
    const binary = { command, env: {} };
    if (await works(binary)) return binary;
  }
  const cached = await findUnpacked();
  if (cached) return cached;
  const unpacked = await unpackFromDebian().catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${HOW_TO_INSTALL} (It could not be fetched as a Debian package either: ${reason})`);
  });
  if (!unpacked) throw new Error(HOW_TO_INSTALL);
  return unpacked;
}

const HOW_TO_INSTALL =
  'The tests need a Redis server and found none: install redis-server or valkey-server ' +
  '(Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis).';

async function works({ command, env }: RedisBinary): Promise<boolean> {
  return run(command, ['--version'], { env: { ...process.env, ...env } }).then(
    () => true,
    () => false,
  );
}

async function findUnpacked(): Promise<RedisBinary | undefined> {
  const names = (await readdir(CACHE).catch(() => [])).filter((name) => name.startsWith('redis-'));
  for (const name of names.sort().reverse()) {
    const binary = await unpackedIn(join(CACHE, name));
    if (await works(binary)) return binary;
  }
  return undefined;
}

async function unpackedIn(dir: string): Promise<RedisBinary> {
  const libraryDirs = await Promise.all(
    ['usr/lib', 'lib'].map(async (lib) => {
      const entries = await readdir(join(dir, lib), { withFileTypes: true }).catch(() => []);
      return entries.filter((entry) => entry.isDirectory()).map((entry) => join(dir, lib, entry.name));
    }),
  );
  return { command: join(dir, 'usr', 'bin', 'redis-server'), env: { LD_LIBRARY_PATH: libraryDirs.flat().join(':') } };
}

/** Debian, Ubuntu: `redis-server` and the libraries this machine lacks, with package lists of our own: needs neither root nor `apt-get update`. */
async function unpackFromDebian(): Promise<RedisBinary | undefined> {
  const isDebian = await access('/var/lib/dpkg/status').then(
    () => true,
    () => false,
  );
  if (!isDebian) return undefined;
  await mkdir(CACHE, { recursive: true });
  const draft = await mkdtemp(join(CACHE, 'draft-'));
  try {
    const archives = join(draft, 'cache', 'archives');
    await mkdir(join(draft, 'state', 'lists', 'partial'), { recursive: true });
    await mkdir(join(archives, 'partial'), { recursive: true });
    const apt = aptIn(draft);
    await apt(['update']);
    await apt(['install', '--yes', '--download-only', '--no-install-recommends', 'redis-server']);
    const packages = (await readdir(archives)).filter((name) => name.endsWith('.deb'));
    const root = join(draft, 'root');
    for (const name of packages) await run('dpkg-deb', ['-x', join(archives, name), root]);
    const binary = await unpackedIn(root);
    const { stdout } = await run(binary.command, ['--version'], { env: { ...process.env, ...binary.env } });
    const version = /v=(\S+)/.exec(stdout)?.[1] ?? 'unknown';
    const target = join(CACHE, `redis-${version}`);
    await rename(root, target).catch(async (error: unknown) => {
      // Another run of the tests was quicker.
      if (!(await works(await unpackedIn(target)))) throw error;
    });
    return await unpackedIn(target);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

function aptIn(dir: string): (args: string[]) => Promise<unknown> {
  const options = {
    'Dir::State': join(dir, 'state'),
    'Dir::State::status': '/var/lib/dpkg/status',
    'Dir::Cache': join(dir, 'cache'),
    'Dir::Cache::archives': join(dir, 'cache', 'archives'),
    // Root's apt would otherwise fetch as the user _apt, who may not enter this directory.
    'APT::Sandbox::User': '',
    'Debug::NoLocking': '1',
    'Acquire::Languages': 'none',
    'Acquire::Retries': '1',
    'Acquire::http::Timeout': '15',
    'Acquire::https::Timeout': '15',
  };
  const flags = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return (args) => run('apt-get', ['-qq', ...flags, ...args], { timeout: APT_TIMEOUT_MS, env: { ...process.env, LC_ALL: 'C' } });
}
