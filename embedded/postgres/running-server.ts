import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { DATABASE, ROLE } from './data-directory.ts';
import { directoryWithinReach, findServerUser } from './server-user.ts';

const run = promisify(execFile);

export interface NotedServer {
  readonly pidFile: string;
  readonly pid: number;
  readonly port: number;
  readonly isRunning: boolean;
}

/** The server that has noted itself in a cluster's directory, whether it still runs or not. */
export async function notedServer(data: string): Promise<NotedServer | undefined> {
  const pidFile = join(data, 'postmaster.pid');
  const [pidText, , , portText] = (await readFile(pidFile, 'utf8').catch(() => '')).split('\n');
  const pid = Number(pidText);
  if (!Number.isInteger(pid) || pid <= 0) return undefined;
  return { pidFile, pid, port: Number(portText), isRunning: await isServerOf(pid, data) };
}

/** The address of the server that runs on `dataDir` now; undefined where none does. */
export async function findRunningServer(dataDir: string): Promise<string | undefined> {
  const home = await directoryWithinReach(await findServerUser(), dataDir);
  const noted = await notedServer(join(home, 'data'));
  if (!noted?.isRunning) return undefined;
  const password = (await readFile(join(home, 'password'), 'utf8')).trim();
  return databaseUrl(password, noted.port);
}

export const databaseUrl = (password: string, port: number): string =>
  `postgresql://${ROLE}:${encodeURIComponent(password)}@127.0.0.1:${port}/${DATABASE}`;

async function isServerOf(pid: number, data: string): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EPERM')) return false;
  }
  // A pid is reused sooner or later: only a process that was started for this very directory is ours.
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() =>
    run('ps', ['-p', String(pid), '-o', 'command=']).then(
      ({ stdout }) => stdout,
      () => '',
    ),
  );
  return command.includes(data);
}
