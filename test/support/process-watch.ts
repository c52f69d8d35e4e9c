import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { StackProcess } from './stack-processes.ts';

const MEBIBYTE = 1_048_576;
const shownSchema = z.object({ blockedMs: z.number(), byClockMs: z.number() });

/**
 * Runs in the process itself, before anything of it, and says how long its event loop stood still at worst: by the clock (the histogram of
 * perf_hooks), and how long its thread computed in one such stretch, by the kernel's account. What a busy machine takes from it besides
 * is in the first and is not its own.
 */
const MONITOR = `
import { readFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
const account = '/proc/self/task/' + process.pid + '/schedstat';
const used = () => Number(readFileSync(account, 'utf8').split(' ')[0]) / 1e6;
const delays = monitorEventLoopDelay({ resolution: 10 });
delays.enable();
let worst = 0;
let before = used();
setInterval(() => {
  const now = used();
  worst = Math.max(worst, now - before);
  before = now;
}, 10).unref();
process.on('SIGWINCH', () => {
  process.stdout.write('{"blockedMs":' + Math.round(worst) + ',"byClockMs":' + Math.round(delays.max / 1e6) + '}\\n');
  worst = 0;
  delays.reset();
});
`;
/** For the environment of a process that is to be watched. */
export const watchedNodeOptions = (rest = ''): string =>
  `--import=data:text/javascript,${encodeURIComponent(MONITOR)} ${rest}`.trim();

export interface Watched {
  readonly name: string;
  /** How long it computed at most since the last look before its event loop turned to anything else. */
  readonly blockedMs: number;
  /** The longest such stretch by the clock, with what the machine did for others meanwhile. */
  readonly byClockMs: number;
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
  const { blockedMs, byClockMs } = shownSchema.parse(JSON.parse(line ?? '{"blockedMs":60000,"byClockMs":60000}'));
  return { name: target.process.name, blockedMs, byClockMs, peakMb: Math.round((peakKb * 1_024) / MEBIBYTE) };
}
