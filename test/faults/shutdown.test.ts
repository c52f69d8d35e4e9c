import { describe, expect, it } from 'vitest';
import { startRedis } from '../support/redis.ts';
import { startStack } from '../support/stack.ts';
import { waitFor } from '../support/wait-for.ts';

/** What a process may take at most, and a little for a busy machine; orchestrators kill after 30 s. */
const GRACE_MS = 28_000;

describe('SIGTERM while Redis is gone', () => {
  it('ends all three within their grace, and every exit is clean', async ({ onTestFinished }) => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const stack = await startStack({ engine: 'redis', redisUrl: redis.url });
    onTestFinished(() => stack.stop());
    const processes = [...stack.apis, ...stack.workers, ...stack.bridges];
    for (const { url } of processes) await waitFor(async () => (await fetch(`${url}/readyz`)).ok);
    await redis.kill9();
    for (const { url } of [...stack.apis, ...stack.workers])
      await waitFor(async () => (await fetch(`${url}/readyz`)).status === 503);
    const startedAtMs = Date.now();
    for (const { process: running } of processes) running.signal('SIGTERM');
    for (const { process: running } of processes) expect(await running.exited).toEqual({ code: 0, signal: null });
    expect(Date.now() - startedAtMs).toBeLessThan(GRACE_MS);
    expect(stack.logs()).not.toMatch(/unhandled|"level":60/i);
  });
});
