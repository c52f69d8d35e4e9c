import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { projectRoot } from '../../shared/project-root.ts';
import { waitFor } from './wait-for.ts';
import { killWithUs } from './watchdog.ts';

const READY_TIMEOUT_MS = 90_000;
/** None is ready at once, and each question is a request that fails. */
const READY_INTERVAL_MS = 100;
const STOP_TIMEOUT_MS = 20_000;

/** A file of the project, run by Node through tsx, or any other command. */
type Program = { entry: string; args?: readonly string[] } | { command: string; args?: readonly string[] };

export type ProcessOptions = Program & {
  /** Stands before each of its lines where the log is shown. */
  name: string;
  /** All of its environment but PATH, HOME and the like: nothing of ours leaks in. */
  env?: Readonly<Record<string, string>>;
  /** A line it writes when it is ready, or a question to ask until the answer is true. */
  readyWhen: RegExp | (() => boolean | Promise<boolean>);
  readyTimeoutMs?: number;
};

export interface RunningProcess {
  readonly name: string;
  readonly pid: number;
  /** Resolves when it has ended, however. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  isRunning(): boolean;
  /** Everything it wrote so far, both streams, line by line. */
  lines(): readonly string[];
  waitForLine(pattern: RegExp, timeoutMs?: number): Promise<string>;
  signal(signal: NodeJS.Signals): void;
  kill9(): Promise<void>;
  /** SIGTERM, and SIGKILL to one that has not ended after `timeoutMs`. */
  stop(timeoutMs?: number): Promise<void>;
}

/** Starts a real process and waits until it is ready; one that is not in time, or ends before, is an error with its log. */
export async function spawnProcess(options: ProcessOptions, started: (process: RunningProcess) => void): Promise<RunningProcess> {
  const [command, args] =
    'entry' in options
      ? [process.execPath, ['--import', 'tsx', options.entry, ...(options.args ?? [])]]
      : [options.command, [...(options.args ?? [])]];
  const child = spawn(command, args, {
    cwd: projectRoot,
    env: { ...inheritedEnvironment(), NODE_ENV: 'test', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const running = follow(child, options.name);
  started(running);
  const isReady = () => {
    if (!running.isRunning()) return 'ended';
    const { readyWhen } = options;
    if (readyWhen instanceof RegExp) return running.lines().some((line) => readyWhen.test(line)) && 'ready';
    return Promise.resolve(readyWhen()).then((ready) => ready && 'ready');
  };
  const timeoutMs = options.readyTimeoutMs ?? READY_TIMEOUT_MS;
  const state = await waitFor(isReady, {
    timeoutMs,
    intervalMs: READY_INTERVAL_MS,
    describe: `${options.name} being ready`,
  }).catch((error: unknown) => {
    throw new Error(`${options.name} is not ready after ${timeoutMs} ms; it wrote:\n${running.lines().join('\n')}`, {
      cause: error,
    });
  });
  if (state === 'ended') throw new Error(`${options.name} ended before it was ready; it wrote:\n${running.lines().join('\n')}`);
  return running;
}

function follow(child: ChildProcess, name: string): RunningProcess {
  const lines: string[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    let rest = '';
    stream?.setEncoding('utf8').on('data', (chunk: string) => {
      const parts = (rest + chunk).split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
    });
    stream?.on('end', () => {
      if (rest !== '') lines.push(rest);
    });
  }
  const dismissWatchdog = child.pid === undefined ? () => {} : killWithUs(child.pid);
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('error', (error) => {
      lines.push(String(error));
      resolve({ code: null, signal: null });
    });
    // `close` comes after the last of its output, `exit` may come before it.
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  void exited.then(dismissWatchdog);
  const isRunning = () => child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const kill9 = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  return {
    name,
    pid: child.pid ?? 0,
    exited,
    isRunning,
    lines: () => lines,
    waitForLine: (pattern, timeoutMs) =>
      waitFor(() => lines.find((line) => pattern.test(line)), { timeoutMs, describe: `${name} writing ${pattern}` }),
    signal: (signal) => {
      child.kill(signal);
    },
    kill9,
    stop: async (timeoutMs = STOP_TIMEOUT_MS) => {
      if (!isRunning()) return;
      child.kill('SIGTERM');
      const inTime = once(child, 'close', { signal: AbortSignal.timeout(timeoutMs) }).then(
        () => true,
        () => false,
      );
      if (!(await inTime)) await kill9();
    },
  };
}

function inheritedEnvironment(): Record<string, string> {
  const names = ['PATH', 'HOME', 'TMPDIR', 'LANG', 'TZ', 'NODE_EXTRA_CA_CERTS'];
  return Object.fromEntries(names.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])));
}
