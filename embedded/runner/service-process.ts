import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { projectRoot } from '../../shared/project-root.ts';
import { SETTINGS_FOLLOW } from '../../shared/run-process.ts';

export const SERVICES = ['api', 'worker', 'bridge'] as const;
export type ServiceName = (typeof SERVICES)[number];

export interface ServiceProcess {
  /** Resolves when the process has ended, for whatever reason. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /**
   * Has it begin, with these environment variables, and resolves when it is ready. Throws PonteError `embedded_service_failed`, with the last
   * lines that it printed, when it ends before that.
   */
  begin(env: Readonly<Record<string, string>>): Promise<void>;
  /** SIGTERM, and SIGKILL after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Where a service's log goes: to this terminal, or to a file. */
export type LogTarget = { readonly kind: 'inherit' } | { readonly kind: 'file'; readonly path: string };

/** A small machine that starts all of it at once takes its time. */
const START_TIMEOUT_MS = 90_000;

/**
 * Loads api, worker or bridge, which `ponte` has seen to it are built, as a process of its own, up to where it wants to know its settings. It
 * is in a process group of its own, so that Ctrl-C reaches the runner alone, which then stops everything in order; and it ends by itself when
 * the runner dies.
 */
export function loadService({ name, log }: { name: ServiceName; log: LogTarget }): ServiceProcess {
  const program = ['--enable-source-maps', join(projectRoot, 'dist', name, 'main.js'), SETTINGS_FOLLOW];
  const child: ChildProcess = spawn(process.execPath, program, {
    cwd: projectRoot,
    detached: true,
    stdio: ['ignore', log.kind === 'inherit' ? 'inherit' : 'pipe', 'pipe', 'ipc'],
  });
  const failed = (detail: string): PonteError => new PonteError('embedded_service_failed', { service: name, detail });
  const lastLines: string[] = [];
  let isReady = false;
  const file = log.kind === 'file' ? createWriteStream(log.path, { flags: 'a' }) : undefined;
  if (file) child.stdout?.pipe(file, { end: false });
  child.stderr?.on('data', (chunk: Buffer) => {
    lastLines.push(...chunk.toString().split('\n').filter(Boolean));
    lastLines.splice(0, lastLines.length - 20);
    // What it says before it is ready is the reason why it does not become so, and told as that.
    (file ?? (isReady ? process.stderr : undefined))?.write(chunk);
  });
  const exited = new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', (error) => {
      lastLines.push(error.message);
      resolve({ code: null, signal: null });
    });
  });

  const begin = (env: Readonly<Record<string, string>>): Promise<void> =>
    new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        child.kill('SIGKILL');
        reject(failed(`it was not ready within ${START_TIMEOUT_MS / 1_000} s`));
      }, START_TIMEOUT_MS);
      child.once('message', () => {
        clearTimeout(timer);
        isReady = true;
        resolve();
      });
      void exited.then(({ code, signal }) => {
        clearTimeout(timer);
        reject(failed(lastLines.join('\n').replace(`${name}: `, '') || `it ended at once (${signal ?? `exit code ${code}`})`));
      });
      // One that has ended meanwhile is told of above.
      child.send(env, () => {});
    });

  return {
    exited,
    begin,
    async stop(graceMs) {
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await exited;
      clearTimeout(kill);
      file?.end();
    },
  };
}
