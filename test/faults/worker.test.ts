import { describe, it } from 'vitest';
import { expectInvariants } from '../support/invariants.ts';
import { startStack } from '../support/stack.ts';
import { createWorld, isUnderWay, rowOf, slowPlace } from '../support/world.ts';

/** Once another worker runs: one that is gone is noticed after at most 15 s (the life of its lock and the pause between two looks). */
const RECOVERED_WITHIN_MS = 20_000;
const TEST_TIMEOUT_MS = 120_000;

describe('after a fault nothing is doubled, lost or left behind', () => {
  it('a worker that is stopped for longer than its lock lives, and then goes on', { timeout: TEST_TIMEOUT_MS }, async ({
    expect,
    onTestFinished,
  }) => {
    const world = await createWorld({ engine: 'redis', workers: 0 }, startStack);
    onTestFinished(() => world.stop());
    const sleeper = await world.stack.startWorker();
    const place = await slowPlace(world, 1_500);
    const told = world.set(place);
    await isUnderWay(place);
    sleeper.process.signal('SIGSTOP');
    await world.stack.startWorker();
    const replacedAt = performance.now();
    expect((await told).answer?.status).toBe(201);
    expect(performance.now() - replacedAt).toBeLessThan(RECOVERED_WITHIN_MS);
    const row = await rowOf(world, place);
    expect(row.attempt).toBe(2);

    sleeper.process.signal('SIGCONT');
    // The answer it waited for is there when it wakes.
    await sleeper.process.waitForLine(/took this activation over|activation attempt/);
    await sleeper.process.stop();
    world.killed.push(sleeper.process);
    expect(await rowOf(world, place)).toEqual(row);
    expect(place.asked()).toBe(1);
    await expectInvariants(world);
  });
});
