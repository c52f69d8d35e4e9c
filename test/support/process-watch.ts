import { readFile } from 'node:fs/promises';
import type { StackProcess } from './stack-processes.ts';

const MEBIBYTE = 1_048_576;

/**
 * Runs in the process itself, before anything of it, and says how long its event loop stood still at worst. Counted is the time that it
 * computed meanwhile: what a busy machine takes from it besides is not its own.
 */
const MONITOR = `
let worst = 0;
let at = performance.now();
let used = process.cpuUsage();
setInterval(() => {
  const now = performance.now();
  const { user, system } = process.cpuUsage(used);
  worst = Math.max(worst, Math.min(now - at, (user + system) / 1e3));
  at = now;
  used = process.cpuUsage();
}, 10).unref();
process.on('SIGWINCH', () => { process.stdout.write('{"blockedMs":' + Math.round(worst) + '}\\n'); worst = 0; });
`;
/** For the environment of a process that is to be watched. */
export const watchedNodeOptions = (rest = ''): string =>
  `--import=data:text/javascript,${encodeURIComponent(MONITOR)} ${rest}`.trim();

export interface Watched {
  readonly name: string;
  /** The longest stretch since the last look in which its event loop did nothing else. */
  readonly blockedMs: number;
  /** The most memory it ever had. */
  readonly peakMb: number;
}

/** What became of a watched process since it was last looked at. */
export async function lookAt(target: StackProcess): Promise<Watched> {
  const before = target.process.lines().length;
  target.process.signal('SIGWINCH');
  const deadline = Date.now() + 60_000;
  let line: string | undefined;
  while (line === undefined && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    line = target.process
      .lines()
      .slice(before)
      .find((written) => written.startsWith('{"blockedMs"'));
  }
  const status = await readFile(`/proc/${target.process.pid}/status`, 'utf8');
  const peakKb = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0);
  const { blockedMs } = JSON.parse(line ?? '{"blockedMs":60000}') as { blockedMs: number };
  return { name: target.process.name, blockedMs, peakMb: Math.round((peakKb * 1_024) / MEBIBYTE) };
}
