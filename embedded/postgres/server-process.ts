import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { PostgresBinaries } from './binaries.ts';
import type { DataDirectory } from './data-directory.ts';
import type { ServerUser } from './server-user.ts';

const START_TIMEOUT_MS = 60_000;
const FAST_STOP_TIMEOUT_MS = 10_000;
const IMMEDIATE_STOP_TIMEOUT_MS = 6_000;
const POLL_MS = 20;
const ORPHAN_RETRIES = 10;
const ORPHAN_PAUSE_MS = 500;

/** For a server whose data nobody wants back. */
const WITHOUT_DISK = {
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  wal_level: 'minimal',
  max_wal_senders: 0,
  max_wal_size: '2GB',
  checkpoint_timeout: '1h',
  autovacuum: 'off',
  // Test files that run at the same time, each with processes of its own, were seen with more than two hundred: tests failed by chance.
  max_connections: 1_000,
};

export interface ServerProcess {
  readonly pid: number;
  stop(): Promise<void>;
}

interface ServerOptions {
  directory: DataDirectory;
  binaries: PostgresBinaries;
  user: ServerUser | undefined;
  port: number;
  durable: boolean;
  log: Pick<Logger, 'error'>;
}

/** Runs `postgres` on a prepared directory until it accepts connections. */
export async function startServerProcess(options: ServerOptions): Promise<ServerProcess> {
  for (let attempt = 1; ; attempt += 1) {
    const child = await launch(options);
    const failure = await readiness(child, options.directory);
    if (failure === undefined) return supervise(child, options.log);
    // Sessions of a server that was killed need a moment to notice that it is gone.
    if (/pre-existing shared memory block/.test(failure) && attempt < ORPHAN_RETRIES) {
      await delay(ORPHAN_PAUSE_MS);
      continue;
    }
    if (/could not bind .*in use/.test(failure)) {
      throw new PonteError('port_in_use', { port: options.port, variable: 'EMBEDDED_POSTGRES_PORT' });
    }
    throw new PonteError('embedded_postgres_failed', { detail: lastWords(failure) });
  }
}

async function launch({ directory, binaries, user, port, durable }: ServerOptions): Promise<ChildProcess> {
  const settings: Record<string, string | number> = {
    port,
    listen_addresses: '127.0.0.1',
    // Everybody comes by TCP. A socket file would only add a path, which some project's directory is too long for.
    unix_socket_directories: '',
    max_connections: 200,
    // One log file, overwritten at each start: it must stay small, and must not repeat a row's values.
    log_checkpoints: 'off',
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    lc_messages: 'C',
    ...(durable ? {} : WITHOUT_DISK),
  };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  // A file, not a pipe: the server outlives a runner that is killed, and must still have somewhere to write.
  const logFile = await open(directory.logFile, 'w', 0o600);
  try {
    return spawn(binaries.postgres, ['-D', directory.data, ...args], {
      ...user,
      cwd: directory.data,
      // A process group of its own: Ctrl-C in the terminal reaches our services first, which still need their database to finish.
      detached: true,
      stdio: ['ignore', logFile.fd, logFile.fd],
    });
  } finally {
    await logFile.close();
  }
}

/** Undefined once the server is ready, or what it wrote before it gave up. */
async function readiness(child: ChildProcess, { data, logFile }: DataDirectory): Promise<string | undefined> {
  let spawnError: Error | undefined;
  child.once('error', (error) => {
    spawnError = error;
  });
  const deadline = Date.now() + START_TIMEOUT_MS;
  while (Date.now() < deadline) {
    if (spawnError) return spawnError.message;
    if (hasEnded(child)) return readFile(logFile, 'utf8');
    const pidFile = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => '');
    const [pid, , , , , , , status] = pidFile.split('\n');
    if (Number(pid) === child.pid && status?.trim() === 'ready') return undefined;
    await delay(POLL_MS);
  }
  child.kill('SIGQUIT');
  return `not ready within ${START_TIMEOUT_MS / 1_000} s; ${await readFile(logFile, 'utf8')}`;
}

function supervise(child: ChildProcess, log: Pick<Logger, 'error'>): ServerProcess {
  let stopping = false;
  child.once('exit', (code, signal) => {
    if (!stopping) log.error({ code, signal }, 'the embedded PostgreSQL ended by itself');
  });
  return {
    pid: child.pid ?? 0,
    stop: async () => {
      stopping = true;
      for (const [signal, timeoutMs] of [
        ['SIGINT', FAST_STOP_TIMEOUT_MS],
        ['SIGQUIT', IMMEDIATE_STOP_TIMEOUT_MS],
        ['SIGKILL', IMMEDIATE_STOP_TIMEOUT_MS],
      ] as const) {
        if (hasEnded(child)) return;
        const exited = once(child, 'exit', { signal: AbortSignal.timeout(timeoutMs) }).catch(() => undefined);
        child.kill(signal);
        await exited;
      }
    },
  };
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

/** The lines that say why, without PostgreSQL's time stamps. */
function lastWords(text: string): string {
  const lines = text.trim().split('\n');
  const faults = lines.filter((line) => /FATAL|PANIC|ERROR|HINT/.test(line));
  return (faults.length > 0 ? faults : lines.slice(-3)).map((line) => line.replace(/^\d{4}-\S+ \S+ \S+ \[\d+\] /, '')).join('; ');
}
