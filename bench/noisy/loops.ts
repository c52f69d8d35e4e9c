import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Stack } from '../../test/support/stack-processes.ts';

/** Of each kind of process, in milliseconds. */
export type LongestStretches = Readonly<Record<string, number>>;

const LAG = /^nodejs_eventloop_lag_max_seconds\{[^}]*\} (\S+)$/m;

/**
 * Watches for how long event loops stand still: those of Ponte, and that of this process, whose own would be taken for Ponte's latency.
 * Resolves with what ends the watch and tells.
 */
export function createLoopWatch(stack: Stack): () => Promise<() => Promise<LongestStretches>> {
  const authorization = `Basic ${Buffer.from('admin:a-password-for-tests').toString('base64')}`;
  const kinds = { api: stack.apis[0], worker: stack.workers[0], bridge: stack.bridges[0] };

  /** Since it was asked last. */
  async function lagMs(url: string): Promise<number> {
    const answer = await fetch(`${url}/metrics`, { headers: { authorization } });
    return 1_000 * Number(LAG.exec(await answer.text())?.[1]);
  }
  const lags = async (): Promise<LongestStretches> =>
    Object.fromEntries(await Promise.all(Object.entries(kinds).map(async ([kind, one]) => [kind, await lagMs(one?.url ?? '')])));

  return async () => {
    await lags();
    const own = monitorEventLoopDelay({ resolution: 5 });
    own.enable();
    return async () => {
      own.disable();
      return { ...(await lags()), 'whoever measures': own.max / 1e6 };
    };
  };
}
