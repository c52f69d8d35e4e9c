import { readdir, readFile } from 'node:fs/promises';
import { z } from 'zod';
import type { Stack } from '../../test/support/stack-processes.ts';

/** Seconds of processor time, by kind of process. */
export type CpuTimes = Readonly<Record<string, number>>;

/** Linux counts in hundredths of a second wherever it runs. */
const TICKS_PER_SECOND = 100;
const backendRow = z.tuple([z.object({ pid: z.number() })]);

interface Used {
  readonly parent: number;
  readonly seconds: number;
  /** With that of its children that have ended. */
  readonly withEnded: number;
}

/** What a process has used; undefined for one that has ended. */
async function usedBy(pid: number | string): Promise<Used | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined);
  if (stat === undefined) return undefined;
  // Its name, in parentheses, may be anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [user = 0, system = 0, endedUser = 0, endedSystem = 0] = fields.slice(11, 15).map(Number);
  const seconds = (user + system) / TICKS_PER_SECOND;
  return { parent: Number(fields[1]), seconds, withEnded: seconds + (endedUser + endedSystem) / TICKS_PER_SECOND };
}

/** Tells how much processor time Ponte's processes, their servers, the crowd's clients and this process have used so far. */
export async function createCpuWatch({
  stack,
  redisPid,
  crowdPid,
}: {
  stack: Stack;
  redisPid?: number | undefined;
  crowdPid?: number | undefined;
}) {
  const [{ pid: backend }] = backendRow.parse(await stack.database.prisma.$queryRaw`SELECT pg_backend_pid() AS pid`);
  const postmaster = (await usedBy(backend))?.parent ?? 0;

  async function postgres(): Promise<number> {
    const all = await Promise.all((await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(usedBy));
    const backends = all.filter((used) => used?.parent === postmaster).reduce((sum, used) => sum + (used?.seconds ?? 0), 0);
    return backends + ((await usedBy(postmaster))?.withEnded ?? 0);
  }
  const secondsOf = async (pid: number | undefined): Promise<number> => (await usedBy(pid ?? 0))?.seconds ?? 0;

  return async (): Promise<CpuTimes> => ({
    api: await secondsOf(stack.apis[0]?.process.pid),
    worker: await secondsOf(stack.workers[0]?.process.pid),
    bridge: await secondsOf(stack.bridges[0]?.process.pid),
    PostgreSQL: await postgres(),
    ...(redisPid === undefined ? {} : { Redis: await secondsOf(redisPid) }),
    'neighbour, Chatwoot, engine': await secondsOf(process.pid),
    "crowd's clients": await secondsOf(crowdPid),
  });
}
