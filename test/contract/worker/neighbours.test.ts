import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activationErrorSchema } from '../../../shared/activations/error.ts';
import { WORKER_TIMEOUTS } from '../../../worker/timeouts.ts';
import { freePort } from '../../support/ports.ts';
import { createRedisDatabase } from '../../support/redis.ts';
import { waitFor } from '../../support/wait-for.ts';
import { createRig, type Fixture, settings, type TestInstance } from './fixture.ts';
import { refusedByChatwoot, success } from './scripted-bridge.ts';

/** In place of 20 s; still far more than an activation without trouble takes here. */
const TIME_LIMIT_MS = 5_000;
const TIMEOUTS = {
  ...WORKER_TIMEOUTS,
  admission: { ...WORKER_TIMEOUTS.admission, comeBackMs: 1_000, silentAfterMs: 1_000 },
  bridgePatienceMs: 1_500,
};
/** Of which a host may take 6, and 4 as long as it has not answered; an account 12. */
const CONCURRENCY = '24';
const PER_HOST = 4;
const PER_ACCOUNT = 12;
const CROWD = 30;

function signal() {
  let give = (): void => {};
  const given = new Promise<void>((resolve) => {
    give = resolve;
  });
  return { given, give };
}

const at = (host: string) => ({ ...settings, chatwootBaseUrl: `https://${host}` });

describe.concurrent.each(['postgres', 'redis'] as const)('a customer whose Chatwoot hangs, with the queue on %s', (kind) => {
  let fixture: Fixture;
  let redis: Awaited<ReturnType<typeof createRedisDatabase>> | undefined;
  beforeAll(async () => {
    redis = kind === 'redis' ? await createRedisDatabase() : undefined;
    fixture = await createRig({ redisUrl: redis?.url });
    await fixture.startWorker({ WORKER_CONCURRENCY: CONCURRENCY }, TIMEOUTS);
    // The first one warms everything up.
    await fixture.settled(await fixture.activate(await fixture.newInstance()));
  });
  afterAll(async () => {
    await fixture?.stop();
    await redis?.drop();
  });

  /** Calls of these instances, against a Chatwoot that accepts and never answers; they end once `seen` has what it waits for. */
  function silence(instances: readonly TestInstance[], seen: Promise<unknown> = Promise.resolve()) {
    const calls = { inFlight: 0, most: 0, ended: 0 };
    for (const { id } of instances) {
      fixture.bridge.onActivate(id, async () => {
        calls.inFlight += 1;
        calls.most = Math.max(calls.most, calls.inFlight);
        await Promise.all([delay(TIME_LIMIT_MS), seen]);
        calls.inFlight -= 1;
        calls.ended += 1;
        return refusedByChatwoot(0, '', { status: null, network: 'timeout' });
      });
    }
    return calls;
  }

  it.sequential('holds up nobody else, waits without a place, is told early once it is known, and is tried one at a time', async () => {
    const host = 'silent.example.com';
    const crowd = await Promise.all(Array.from({ length: CROWD }, () => fixture.newInstance()));
    const seen = signal();
    const calls = silence(crowd, seen.given);
    const ids = await Promise.all(crowd.map((instance) => fixture.activate(instance, { settings: at(host) })));
    await waitFor(() => calls.inFlight === PER_HOST, { describe: 'as many of A under way as may be' });

    const neighbour = await fixture.newInstance(await fixture.newAccount());
    const neighbourId = await fixture.activate(neighbour, { settings: at('well.example.com') });
    expect(await fixture.settled(neighbourId)).toMatchObject({ state: 'succeeded', attempt: 1 });
    expect(calls).toMatchObject({ inFlight: PER_HOST, ended: 0 });

    const waiting = await waitFor(async () => {
      const jobs = (await Promise.all(ids.map((id) => fixture.inspect.getJob(id)))).filter((job) => job !== undefined);
      const states = await Promise.all(jobs.map((job) => job.getState()));
      const delayed = jobs.filter((_, index) => states[index] === 'delayed');
      return delayed.length >= CROWD / 2 ? delayed : undefined;
    });
    expect(waiting.every(({ attemptsMade }) => attemptsMade === 0)).toBe(true);
    seen.give();

    const rows = await Promise.all(ids.map((id) => fixture.settled(id, 60_000)));
    const errors = rows.map(({ error }) => activationErrorSchema.parse(error));
    expect(errors.every(({ code, httpStatus }) => code === 'chatwoot_unreachable' && httpStatus === 502)).toBe(true);
    const early = errors.filter(({ message }) => message.includes('the last'));
    expect(early.length).toBeGreaterThan(CROWD / 2);
    for (const { message, retryAfterSeconds } of early) {
      expect(message).toMatch(
        new RegExp(
          `^Chatwoot is unreachable at https://${host} — verify chatwootBaseUrl and that the host is reachable from the server. Detail: the last \\d+ activations there got no answer within \\d+ s; one at a time is tried, this one was not$`,
        ),
      );
      expect(retryAfterSeconds).toBe(30);
    }
    expect(rows.every(({ attempt }) => attempt === 1)).toBe(true);
    expect(calls.most).toBe(PER_HOST);
    await waitFor(() => calls.inFlight === 0, { describe: 'nothing being tried there any more' });

    const late = await Promise.all([1, 2, 3].map(() => fixture.newInstance()));
    const lateCalls = silence(late);
    const ends = await Promise.all(
      late.map(async (instance) => fixture.settled(await fixture.activate(instance, { settings: at(host) }))),
    );
    expect(lateCalls).toMatchObject({ most: 1, ended: 1 });
    expect(ends.map(({ attempt, state }) => ({ attempt, state }))).toEqual(late.map(() => ({ attempt: 1, state: 'failed' })));

    // One comes through, and with it all.
    const [probe, after] = await Promise.all([fixture.newInstance(), fixture.newInstance()]);
    for (const { id } of [probe, after]) fixture.bridge.onActivate(id, (_nth, call) => success(call));
    for (const instance of [probe, after]) {
      const activationId = await fixture.activate(instance, { settings: at(host) });
      expect(await fixture.settled(activationId)).toMatchObject({ state: 'succeeded' });
    }
  });

  it.sequential('with as many hosts as it likes takes no more than its share', async () => {
    const crowd = await Promise.all(Array.from({ length: CROWD / 2 }, () => fixture.newInstance()));
    const seen = signal();
    const calls = silence(crowd, seen.given);
    await Promise.all(
      crowd.map((instance, index) =>
        fixture.activate(instance, { settings: at(`silent-${index}.example.com`), deadlineMs: 30_000 }),
      ),
    );
    await waitFor(() => calls.inFlight === PER_ACCOUNT, { describe: 'as many of A under way as may be' });
    const neighbour = await fixture.newInstance(await fixture.newAccount());
    const neighbourId = await fixture.activate(neighbour);
    expect(await fixture.settled(neighbourId)).toMatchObject({ state: 'succeeded' });
    expect(calls).toMatchObject({ most: PER_ACCOUNT, ended: 0 });
    seen.give();
  });
});

describe('an activation that does not come through', () => {
  let fixture: Fixture;
  beforeAll(async () => {
    fixture = await createRig({});
  });
  afterAll(() => fixture?.stop());

  it('because the bridge is down is told so soon, and when to come back', async () => {
    await fixture.startWorker({ BRIDGE_URL: `http://127.0.0.1:${await freePort()}` }, TIMEOUTS);
    const row = await fixture.settled(await fixture.activate(await fixture.newInstance()));
    expect(activationErrorSchema.parse(row.error)).toMatchObject({
      code: 'bridge_unreachable',
      httpStatus: 502,
      retryAfterSeconds: 10,
    });
    const { startedAt, finishedAt } = row;
    expect(row.attempt).toBeGreaterThan(1);
    expect(Number(finishedAt) - Number(startedAt)).toBeLessThan(TIMEOUTS.bridgePatienceMs + 10_000);
  });
});
