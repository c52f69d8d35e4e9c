import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { inject } from 'vitest';
import { freePort } from './ports.ts';
import { findRedisBinary, type RedisBinary } from './redis-binary.ts';
import { killWithUs } from './watchdog.ts';

const DATABASES = 64;
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 5_000;

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Of the process that runs now; another one after `restart`. */
  pid(): number;
  /** Ends it in an orderly way, and removes its directory if that was its own. */
  stop(): Promise<void>;
  /** What a power cut does. The port and the directory stay, for `restart`. */
  kill9(): Promise<void>;
  /** Starts it again (ending it first, if need be) on the same port and the same data. */
  restart(): Promise<void>;
}

/** A real Redis server on 127.0.0.1, for tests that do it harm. `appendonly` keeps its data over `kill9` and `restart`. */
export async function startRedis({
  appendonly = false,
  port,
  dir,
}: {
  appendonly?: boolean;
  port?: number;
  dir?: string;
} = {}): Promise<RedisServer> {
  const binary = await findRedisBinary();
  const home = dir ?? (await mkdtemp(join(tmpdir(), 'ponte-redis-')));
  const listenOn = port ?? (await freePort());
  const args = ['--port', String(listenOn), '--bind', '127.0.0.1', '--dir', home, '--databases', String(DATABASES)];
  args.push('--save', '', '--appendonly', appendonly ? 'yes' : 'no');
  const remove = dir === undefined ? home : '';
  let running = await launch(binary, args, remove);

  async function end(signal: NodeJS.Signals): Promise<void> {
    running.dismissWatchdog();
    await endProcess(running.child, signal);
  }
  return {
    url: `redis://127.0.0.1:${listenOn}`,
    port: listenOn,
    pid: () => running.child.pid ?? 0,
    stop: async () => {
      await end('SIGTERM');
      if (remove !== '') await rm(remove, { recursive: true, force: true });
    },
    kill9: () => end('SIGKILL'),
    restart: async () => {
      await end('SIGTERM');
      running = await launch(binary, args, remove);
    },
  };
}

async function launch(
  binary: RedisBinary,
  args: string[],
  remove: string,
): Promise<{ child: ChildProcess; dismissWatchdog(): void }> {
  const child = spawn(binary.command, args, { env: { ...process.env, ...binary.env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const dismissWatchdog = killWithUs(child.pid ?? 0, { remove });
  let output = '';
  const ready = new Promise<void>((resolve, reject) => {
    const give = (reason: string) => reject(new Error(`redis-server did not start: ${reason}\n${output}`));
    const timer = setTimeout(() => give(`not ready within ${START_TIMEOUT_MS} ms`), START_TIMEOUT_MS);
    child.once('error', (error) => give(error.message));
    child.once('exit', (code) => give(`exit code ${code}`));
    child.stderr?.on('data', (chunk) => {
      output += String(chunk);
    });
    child.stdout?.on('data', (chunk) => {
      output = (output + String(chunk)).slice(-4_000);
      if (!output.includes('Ready to accept connections')) return;
      clearTimeout(timer);
      resolve();
    });
  });
  try {
    await ready;
  } catch (error) {
    dismissWatchdog();
    await endProcess(child, 'SIGKILL');
    throw error;
  }
  return { child, dismissWatchdog };
}

async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  const hasEnded = () => child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
  for (const next of [signal, 'SIGKILL'] as const) {
    if (hasEnded()) return;
    const exited = once(child, 'exit', { signal: AbortSignal.timeout(STOP_TIMEOUT_MS) }).catch(() => undefined);
    child.kill(next);
    // A server that a test has stopped takes a signal only when it goes on.
    child.kill('SIGCONT');
    await exited;
  }
}

/**
 * An empty database of its own on the Redis that all tests share; told apart by its number, since BullMQ does not get on with a key
 * prefix of ioredis.
 */
export async function createRedisDatabase(): Promise<{ url: string; drop(): Promise<void> }> {
  const shared = inject('redisUrl');
  const registry = new Redis(`${shared}/0`);
  const count = await registry.incr('ponte-tests:databases');
  registry.disconnect();
  const url = `${shared}/${1 + ((count - 1) % (DATABASES - 1))}`;
  const flush = async () => {
    const client = new Redis(url);
    await client.flushdb();
    client.disconnect();
  };
  await flush();
  return { url, drop: flush };
}
