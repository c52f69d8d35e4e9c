import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, existsSync } from 'node:fs';
import { join } from 'node:path';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { projectRoot } from '../../shared/project-root.ts';

export type ServiceName = 'api' | 'worker' | 'bridge';

export interface ServiceProcess {
  readonly name: string;
  readonly pid: number;
  /** Resolves when the process has ended, for whatever reason. */
  readonly exited: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** SIGTERM, and SIGKILL after `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

/** Where a service's log goes: to this terminal, or to a file. */
export type LogTarget = { readonly kind: 'inherit' } | { readonly kind: 'file'; readonly path: string };

/** A small machine that starts all of it at once takes its time. */
const START_TIMEOUT_MS = 90_000;

/** The sources in a checkout; what the build made of them where there is nothing else. */
function program(name: ServiceName): string[] {
  const source = join(projectRoot, name, 'main.ts');
  return existsSync(source) ? ['--import', 'tsx', source] : ['--enable-source-maps', join(projectRoot, 'dist', name, 'main.js')];
}

/**
 * Starts api, worker or bridge as a process of its own and resolves when it is ready. It is in a process group of its own, so that
 * Ctrl-C reaches the runner alone, which then stops everything in order; and it ends by itself when the runner dies.
 * Throws PonteError `embedded_service_failed`, with the last lines the process printed, when it ends before it is ready.
 */
export async function startService(options: {
  name: ServiceName;
  env: Readonly<Record<string, string>>;
  log: LogTarget;
}): Promise<ServiceProcess> {
  const { name, env, log } = options;
  const child: ChildProcess = spawn(process.execPath, program(name), {
    cwd: projectRoot,
    env: { ...process.env, ...env },
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
  });
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(failed(`it was not ready within ${START_TIMEOUT_MS / 1_000} s`));
    }, START_TIMEOUT_MS);
    child.once('message', () => {
      clearTimeout(timer);
      isReady = true;
      resolve();
    });
    child.once('error', reject);
    void exited.then(({ code, signal }) => {
      clearTimeout(timer);
      reject(failed(lastLines.join('\n').replace(`${name}: `, '') || `it ended at once (${signal ?? `exit code ${code}`})`));
    });
  });

  return {
    name,
    pid: child.pid ?? 0,
    exited,
    async stop(graceMs) {
      child.kill('SIGTERM');
      const kill = setTimeout(() => child.kill('SIGKILL'), graceMs);
      await exited;
      clearTimeout(kill);
      file?.end();
    },
  };
}
