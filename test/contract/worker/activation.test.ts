import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { activationErrorSchema } from '../../../shared/activations/error.ts';
import { activationTraceSchema } from '../../../shared/activations/trace.ts';
import { ACTIVATION_QUEUE } from '../../../shared/queue/queues.ts';
import { dumpDatabase, dumpRedis } from '../../support/dump.ts';
import { createRedisDatabase } from '../../support/redis.ts';
import { waitFor } from '../../support/wait-for.ts';
import { CHATWOOT_TOKEN, createRig, type Fixture, settings } from './fixture.ts';
import { integrationOf, type Reply, refusedByChatwoot, success } from './scripted-bridge.ts';

/** Of an activation whose call hangs: the call ends 1.5 s before it. */
const HANG_DEADLINE_MS = 8_000;

describe.concurrent.each(['postgres', 'redis'] as const)('activations with the queue on %s', (kind) => {
  let fixture: Fixture;
  let redis: Awaited<ReturnType<typeof createRedisDatabase>> | undefined;
  beforeAll(async () => {
    redis = kind === 'redis' ? await createRedisDatabase() : undefined;
    fixture = await createRig({ redisUrl: redis?.url });
    await fixture.startWorker();
  });
  afterAll(async () => {
    const seen = [await dumpDatabase(fixture.databaseUrl), redis ? await dumpRedis(redis.url) : '', fixture.logs()].join('\n');
    expect(seen).toContain('act_');
    expect(seen).not.toContain(CHATWOOT_TOKEN);
    expect(fixture.logs()).not.toContain(fixture.bridge.token);
    expect(fixture.logs()).not.toMatch(/unhandledRejection|UnhandledPromise|unexpected error in the worker/);
    await fixture.stop();
    await redis?.drop();
  });

  it.concurrent('one that succeeds is recorded in full and announced', async () => {
    const instance = await fixture.newInstance();
    const listener = await fixture.listen();
    const activationId = await fixture.activate(instance);
    const row = await fixture.settled(activationId);
    expect(row).toMatchObject({
      state: 'succeeded',
      attempt: 1,
      chatwootToken: null,
      error: null,
      bridgeIntegrationId: integrationOf(activationId),
    });
    const integration = await fixture.integrationOf(instance);
    expect(integration).toMatchObject({
      bridgeIntegrationId: integrationOf(activationId),
      chatwootBaseUrl: settings.chatwootBaseUrl,
      chatwootAccountId: 5,
      chatwootInboxId: 42,
      chatwootInboxName: 'From the bridge',
      signMessages: true,
      ignoreGroups: false,
      startAsPending: true,
      reopenResolved: false,
      status: 'active',
      lastError: '',
      activationId,
    });
    const context = { purpose: 'chatwoot-token', owner: instance.id } as const;
    expect(fixture.keyring.decrypt(integration?.chatwootToken ?? '', context)).toBe(CHATWOOT_TOKEN);
    expect(activationTraceSchema.parse(row.trace)).toMatchObject([{ attempt: 1, outcome: 'succeeded', chatwootMs: 7 }]);
    await waitFor(() => listener.notices.some(({ id }) => id === activationId));
    await listener.stop();
    await waitFor(async () => (await fixture.jobState(activationId)) === 'completed');
  });

  it.concurrent('the bridge is told everything it needs, and by which key to know a repetition', async () => {
    const instance = await fixture.newInstance();
    const activationId = await fixture.activate(instance);
    await fixture.settled(activationId);
    const [call] = fixture.bridge.activations(instance.id);
    expect(call?.body).toEqual({
      instance_id: instance.id,
      instance: instance.name,
      ryzeapi_url: 'http://localhost:3000',
      chatwoot_base_url: settings.chatwootBaseUrl,
      chatwoot_account_id: 5,
      chatwoot_api_token: CHATWOOT_TOKEN,
      inbox_name: settings.inboxName,
      sign_messages: true,
      ignore_groups: false,
      start_as_pending: true,
      reopen_resolved: false,
      delete_old_inbox: false,
      remaining_ms: expect.any(Number),
      deadline_at: expect.any(String),
    });
    // Half a second before the worker stops listening, which it does after 25 s, so that the bridge's own answer arrives.
    const answerWithinMs = Date.parse(String(call?.body.deadline_at)) - (call?.at ?? 0);
    expect(answerWithinMs).toBeGreaterThan(22_000);
    expect(answerWithinMs).toBeLessThanOrEqual(24_500);
    expect(call?.body.remaining_ms).toBeGreaterThan(22_000);
    expect(call?.body.remaining_ms).toBeLessThanOrEqual(24_500);
    expect(call?.headers).toMatchObject({ 'idempotency-key': activationId, 'x-request-id': `req-${activationId}` });
  });

  it.concurrent('the integration that a new one replaces is removed at the bridge', async () => {
    const instance = await fixture.newInstance();
    const first = await fixture.activate(instance);
    await fixture.settled(first);
    fixture.bridge.onActivate(instance.id, (_nth, call) => success(call, { replaces: 'int_known_to_the_bridge' }));
    const second = await fixture.activate(instance);
    await fixture.settled(second);
    expect(await fixture.integrationOf(instance)).toMatchObject({
      bridgeIntegrationId: integrationOf(second),
      activationId: second,
    });
    const removals = await waitFor(async () => {
      const rows = await fixture.removalsOf(instance);
      return rows.length === 2 && rows.every(({ state }) => state === 'done') ? rows : undefined;
    });
    expect(removals.map(({ reason, bridgeIntegrationId }) => `${reason} ${bridgeIntegrationId}`).sort()).toEqual(
      [`superseded ${integrationOf(first)}`, 'superseded int_known_to_the_bridge'].sort(),
    );
    expect(fixture.bridge.deletes().map(({ path }) => path)).toContain(`/v1/integrations/${integrationOf(first)}`);
  });

  /** What the bridge does, and what must come of it: how often it was asked, and whether anything had to be undone. */
  const faults: [
    title: string,
    script: Reply,
    expected: { code: string; httpStatus: number; calls: number; undone: boolean; deadlineMs?: number },
  ][] = [
    [
      'a token Chatwoot does not know',
      refusedByChatwoot(401, '{"error":"Invalid Access Token"}'),
      { code: 'chatwoot_token_invalid', httpStatus: 401, calls: 1, undone: false },
    ],
    [
      'an account Chatwoot does not have',
      refusedByChatwoot(404, '{"error":"Resource could not be found"}'),
      { code: 'chatwoot_account_not_found', httpStatus: 400, calls: 1, undone: false },
    ],
    [
      'a Chatwoot that fails',
      refusedByChatwoot(500, '{"status":500}'),
      { code: 'chatwoot_failing', httpStatus: 502, calls: 4, undone: true },
    ],
    [
      'a Chatwoot that cannot be reached',
      refusedByChatwoot(0, '', { status: null, network: 'ECONNREFUSED' }),
      { code: 'chatwoot_unreachable', httpStatus: 502, calls: 3, undone: false },
    ],
    [
      'a Chatwoot whose host does not exist',
      refusedByChatwoot(0, '', { status: null, network: 'ENOTFOUND' }),
      { code: 'chatwoot_unknown_host', httpStatus: 502, calls: 1, undone: false },
    ],
    [
      'a bridge that refuses BRIDGE_TOKEN',
      { status: 401, body: { error: { message: 'Invalid token' } } },
      { code: 'bridge_unauthorized', httpStatus: 502, calls: 1, undone: false },
    ],
    [
      'a bridge without that route',
      { status: 404, body: 'no' },
      { code: 'bridge_wrong_address', httpStatus: 502, calls: 1, undone: false },
    ],
    [
      'a bridge that redirects',
      { status: 307, body: '', headers: { location: 'http://127.0.0.1:1/' } },
      { code: 'bridge_wrong_address', httpStatus: 502, calls: 1, undone: false },
    ],
    ['a bridge that fails', { status: 500, body: 'oh' }, { code: 'bridge_failing', httpStatus: 502, calls: 4, undone: true }],
    [
      'a bridge that answers no JSON',
      { status: 200, body: '{"id":' },
      { code: 'bridge_failing', httpStatus: 502, calls: 4, undone: true },
    ],
    [
      'a bridge that answers two megabytes',
      { status: 200, body: JSON.stringify({ id: 'int_1', filler: 'x'.repeat(2_000_000) }) },
      { code: 'bridge_failing', httpStatus: 502, calls: 4, undone: true },
    ],
    [
      'a bridge that never answers',
      () => {},
      { code: 'bridge_timeout', httpStatus: 502, calls: 1, undone: true, deadlineMs: HANG_DEADLINE_MS },
    ],
    [
      'a bridge that answers a byte at a time, without end',
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        const drip = setInterval(() => response.write(' '), 50);
        response.on('close', () => clearInterval(drip));
      },
      { code: 'bridge_timeout', httpStatus: 502, calls: 1, undone: true, deadlineMs: HANG_DEADLINE_MS },
    ],
  ];
  it.concurrent('each way the bridge can fail ends in its own error, after the right number of tries, with nothing left behind', async () => {
    const results = await Promise.all(
      faults.map(async ([title, script, { deadlineMs }]) => {
        const instance = await fixture.newInstance();
        fixture.bridge.onActivate(instance.id, () => script);
        const activationId = await fixture.activate(instance, { deadlineMs });
        const row = await fixture.settled(activationId);
        const { code, httpStatus } = activationErrorSchema.parse(row.error);
        await waitFor(async () => (await fixture.jobState(activationId)) === 'failed');
        const removals = await waitFor(async () => {
          const rows = await fixture.removalsOf(instance);
          return rows.every(({ state }) => state === 'done') ? rows : undefined;
        });
        expect(row).toMatchObject({ state: 'failed', chatwootToken: null, bridgeIntegrationId: null });
        expect(await fixture.integrationOf(instance)).toBeNull();
        expect(removals.every(({ reason, activationId: of }) => reason === 'activation_failed' && of === activationId)).toBe(
          true,
        );
        const paths = fixture.bridge.deletes().map(({ path }) => path);
        expect(paths.includes(`/v1/activations/${activationId}`)).toBe(removals.length > 0);
        // Of a job that was slow another worker may have believed that the queue had lost it, just when it ended, and have added it again.
        const reason = await waitFor(async () => (await fixture.inspect.getJob(activationId))?.failedReason);
        expect(JSON.parse(reason)).toEqual({ v: 1, code, httpStatus, retryable: expect.any(Boolean) });
        expect(activationTraceSchema.parse(row.trace)).toHaveLength(row.attempt);
        return [title, { code, httpStatus, calls: fixture.bridge.activations(instance.id).length, undone: removals.length > 0 }];
      }),
    );
    expect(results).toEqual(faults.map(([title, , { deadlineMs: _, ...expected }]) => [title, expected]));
  });

  it.concurrent('one that fails for a moment is tried again and succeeds, as late as Chatwoot asks', async () => {
    const instance = await fixture.newInstance();
    fixture.bridge.onActivate(instance.id, (nth, call) =>
      nth === 1 ? refusedByChatwoot(429, 'Retry later\n', { retry_after_seconds: 2 }) : success(call),
    );
    const activationId = await fixture.activate(instance);
    expect(await fixture.settled(activationId)).toMatchObject({ state: 'succeeded', attempt: 2 });
    const [first, second] = fixture.bridge.activations(instance.id);
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(1_950);
  });

  it.concurrent('a try whose connection broke is undone with the rest, although the next one was refused cleanly', async () => {
    const instance = await fixture.newInstance();
    fixture.bridge.onActivate(instance.id, (nth) =>
      nth === 1
        ? (response) => void response.socket?.resetAndDestroy()
        : refusedByChatwoot(401, '{"error":"Invalid Access Token"}'),
    );
    const activationId = await fixture.activate(instance);
    const row = await fixture.settled(activationId);
    expect(row.error).toMatchObject({ code: 'chatwoot_token_invalid' });
    expect(activationTraceSchema.parse(row.trace)).toMatchObject([
      { attempt: 1, outcome: 'bridge_unreachable', mayHaveLeft: true },
      { attempt: 2, outcome: 'chatwoot_token_invalid' },
    ]);
    await waitFor(() => fixture.bridge.deletes().some(({ path }) => path === `/v1/activations/${activationId}`));
  });

  it.concurrent('one that Chatwoot asks to leave alone for longer than the client waits ends at once', async () => {
    const instance = await fixture.newInstance();
    fixture.bridge.onActivate(instance.id, () => refusedByChatwoot(429, 'Retry later\n', { retry_after_seconds: 120 }));
    const row = await fixture.settled(await fixture.activate(instance));
    expect(row.error).toMatchObject({ code: 'chatwoot_rate_limited', retryAfterSeconds: 120 });
    expect(fixture.bridge.activations(instance.id)).toHaveLength(1);
  });

  it.concurrent('the same job added many times, also after its end, calls the bridge once', async () => {
    const instance = await fixture.newInstance();
    const activationId = await fixture.writeActivation(instance);
    const job = { v: 1 as const, activationId };
    await Promise.all(Array.from({ length: 20 }, () => fixture.queue.add(activationId, job)));
    await fixture.settled(activationId);
    await waitFor(async () => (await fixture.jobState(activationId)) === 'completed');
    await (await fixture.inspect.getJob(activationId))?.remove();
    await fixture.queue.add(activationId, job);
    await waitFor(async () => (await fixture.jobState(activationId)) === 'completed');
    expect(fixture.bridge.activations(instance.id)).toHaveLength(1);
    expect(await fixture.rowOf(activationId)).toMatchObject({ state: 'succeeded', attempt: 1 });
  });

  it.concurrent('one whose deadline passed while it waited calls the bridge not at all', async () => {
    const instance = await fixture.newInstance();
    const activationId = await fixture.activate(instance, { deadlineMs: -1 });
    const row = await fixture.settled(activationId);
    expect(row).toMatchObject({ state: 'failed', attempt: 0, error: { code: 'activation_expired', httpStatus: 504 } });
    expect(fixture.bridge.activations(instance.id)).toEqual([]);
    expect(await fixture.removalsOf(instance)).toEqual([]);
  });

  it.concurrent('a job that makes no sense fails once, ends its activation, and the worker lives on', async () => {
    const instances = await Promise.all([fixture.newInstance(), fixture.newInstance(), fixture.newInstance()]);
    const jobs = await Promise.all(
      instances.map(async (instance, index) => {
        const id = await fixture.writeActivation(instance);
        const data = [{ v: 2, activationId: id }, 'nonsense', { v: 1 }][index];
        await fixture.inspect.add(ACTIVATION_QUEUE, data, { jobId: id, attempts: 5, backoff: { type: 'custom' } });
        return id;
      }),
    );
    for (const id of jobs) {
      expect((await fixture.settled(id)).error).toMatchObject({ code: 'job_unreadable' });
      await waitFor(async () => (await fixture.jobState(id)) === 'failed');
      expect((await fixture.inspect.getJob(id))?.attemptsMade).toBe(1);
    }
    const healthy = await fixture.newInstance();
    expect((await fixture.settled(await fixture.activate(healthy))).state).toBe('succeeded');
  });

  it.concurrent('an instance deleted while its activation runs leaves nothing at the bridge', async () => {
    const instance = await fixture.newInstance();
    fixture.bridge.onActivate(instance.id, async (_nth, call) => {
      await fixture.prisma.instance.delete({ where: { id: instance.id } });
      return success(call);
    });
    const activationId = await fixture.activate(instance);
    const [removal] = await waitFor(async () => {
      const rows = await fixture.removalsOf(instance);
      return rows[0]?.state === 'done' ? rows : undefined;
    });
    expect(removal).toMatchObject({ reason: 'instance_deleted', bridgeIntegrationId: integrationOf(activationId) });
    expect(fixture.bridge.deletes().map(({ path }) => path)).toContain(`/v1/integrations/${integrationOf(activationId)}`);
  });

  it.concurrent('one that cannot be recorded ends as such, and what the bridge made is undone', async () => {
    const [other, instance] = await Promise.all([fixture.newInstance(), fixture.newInstance()]);
    const taken = await fixture.activate(other);
    await fixture.settled(taken);
    fixture.bridge.onActivate(instance.id, (_nth, call) => success(call, { id: integrationOf(taken) }));
    const activationId = await fixture.activate(instance);
    const row = await fixture.settled(activationId);
    expect(row.error).toMatchObject({ code: 'persist_failed', httpStatus: 500 });
    expect(activationErrorSchema.parse(row.error).message).toBe(
      'chatwoot integration failed: persist integration: the database refused it (23505)',
    );
    await waitFor(() => fixture.bridge.deletes().some(({ path }) => path === `/v1/activations/${activationId}`));
    expect(await fixture.integrationOf(other)).toMatchObject({ bridgeIntegrationId: integrationOf(taken) });
  });

  it.concurrent('one whose stored token cannot be decrypted says so', async () => {
    const [instance, other] = await Promise.all([fixture.newInstance(), fixture.newInstance()]);
    const activationId = await fixture.writeActivation(instance);
    const chatwootToken = fixture.keyring.encrypt(CHATWOOT_TOKEN, { purpose: 'chatwoot-token', owner: other.id });
    await fixture.prisma.activation.update({ where: { id: activationId }, data: { chatwootToken } });
    await fixture.queue.add(activationId, { v: 1, activationId });
    expect((await fixture.settled(activationId)).error).toMatchObject({ code: 'decryption_failed', httpStatus: 500 });
    expect(fixture.bridge.activations(instance.id)).toEqual([]);
  });
});
