import { expect, it } from 'vitest';
import { createRig } from '../contract/worker/fixture.ts';
import { startRedis } from '../support/redis.ts';

it('a worker process ends within seconds of SIGTERM although Redis is down', async ({ onTestFinished }) => {
  const redis = await startRedis();
  onTestFinished(() => redis.stop());
  const fixture = await createRig({ redisUrl: redis.url });
  onTestFinished(() => fixture.stop());
  const { process: worker } = await fixture.startWorkerProcess();
  const instance = await fixture.newInstance();
  await fixture.settled(await fixture.activate(instance));
  await redis.kill9();
  const startedAt = Date.now();
  worker.signal('SIGTERM');
  expect((await worker.exited).code).toBe(0);
  expect(Date.now() - startedAt).toBeLessThan(10_000);
});
