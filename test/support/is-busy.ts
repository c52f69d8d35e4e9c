import { cpus } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';

const LOOK_FOR_MS = 500;
/** What starts the tests keeps one processor busy; a machine with other things to do has hardly anything left beside that. */
const LEAST_IDLE_SHARE = 0.15;

function times(): { idleMs: number; totalMs: number } {
  const all = cpus().map((cpu) => cpu.times);
  const sum = (of: (time: (typeof all)[number]) => number) => all.reduce((total, time) => total + of(time), 0);
  return { idleMs: sum(({ idle }) => idle), totalMs: sum((time) => Object.values(time).reduce((total, ms) => total + ms, 0)) };
}

/** Whether the machine has no processor time left now. What it had to do a minute ago, as a load average tells, is over perhaps. */
export async function isBusy(): Promise<boolean> {
  const before = times();
  await delay(LOOK_FOR_MS);
  const after = times();
  return (after.idleMs - before.idleMs) / (after.totalMs - before.totalMs) < LEAST_IDLE_SHARE;
}
