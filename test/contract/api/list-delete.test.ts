import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { removalJobSchema } from '../../../shared/activations/job.ts';
import { openWorker } from '../../../shared/queue/engine.ts';
import { REMOVAL_QUEUE } from '../../../shared/queue/queues.ts';
import { waitFor } from '../../support/wait-for.ts';
import { startFakeBridge } from './fake-bridge.ts';
import { BRIDGE_TOKEN, call, createHarness, ENGINES, type Harness, newInstance, type RunningApi, setBody } from './harness.ts';
import { startTinyWorker } from './tiny-worker.ts';

describe.each(ENGINES)('after an activation, queue in %s', (engine) => {
  let harness: Harness;
  let api: RunningApi;
  let token: string;
  let bridge: Awaited<ReturnType<typeof startFakeBridge>>;
  let worker: ReturnType<typeof startTinyWorker>;
  let count = 0;

  beforeAll(async () => {
    bridge = await startFakeBridge();
    harness = await createHarness(engine, { BRIDGE_URL: bridge.url });
    api = await harness.startApi();
    ({ token } = await harness.createAccount());
    worker = startTinyWorker(harness);
  });
  afterEach(() => bridge.reply(() => ({ status: 404, body: { success: false, error: { message: 'integration not found' } } })));
  afterAll(async () => {
    await worker.stop();
    await harness.stop();
    await bridge.stop();
  });

  async function activated(): Promise<{ name: string; id: string; bridgeIntegrationId: string }> {
    const { name, id } = await newInstance(api.url, token, `after-${++count}`);
    const { body } = await call(api.url, 'POST', `/api/chatwoot/set/${name}`, { token, body: setBody() });
    bridge.visits.length = 0;
    return { name, id, bridgeIntegrationId: body.bridge_integration_id };
  }
  const list = (name: string) => call(api.url, 'GET', `/api/chatwoot/list/${name}`, { token });
  const remove = (name: string) => call(api.url, 'DELETE', `/api/chatwoot/delete/${name}`, { token });

  it('lists the documented flat shape, with status and last_error as the bridge sees them now', async () => {
    const { name, bridgeIntegrationId } = await activated();
    bridge.reply(() => ({
      status: 200,
      body: {
        id: bridgeIntegrationId,
        status: 'error',
        last_error: 'Chatwoot is away',
        inbox_id: 42,
        token_valid: false,
        secret: 'x',
      },
    }));
    const answer = await list(name);
    expect(answer.status).toBe(200);
    expect(answer.body).toEqual({
      instance_name: name,
      status: 'error',
      bridge_integration_id: bridgeIntegrationId,
      chatwoot_base_url: 'https://chatwoot.example.com',
      chatwoot_account_id: 5,
      chatwoot_inbox_id: 42,
      chatwoot_inbox_name: 'RyzeAPI',
      last_error: 'Chatwoot is away',
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      live: {
        available: true,
        token_valid: false,
        inbox_exists: null,
        webhook_url_is_ours: null,
        repaired: null,
        stream_connected: null,
        last_to_chatwoot_at: null,
        last_to_whatsapp_at: null,
        waiting_to_chatwoot: 0,
        waiting_to_chatwoot_seconds: 0,
        waiting_to_whatsapp: null,
        proven_at: null,
      },
      engine: {
        kind: 'ryzeapi',
        url: null,
        name: null,
        webhook: 'not_set_by_ponte',
        warnings: [],
        unread_events: 0,
        last_unread: null,
        last_event_at: null,
      },
      connection: { state: 'disconnected', told: '', changed_at: null },
    });
    const [visit] = bridge.visits;
    expect(visit?.headers).toMatchObject({
      authorization: `Bearer ${BRIDGE_TOKEN}`,
      'x-request-id': answer.headers.get('x-request-id'),
    });
    // The inbox id was unknown; now it is recorded, and stays when the bridge is away.
    bridge.reply(() => 'reset');
    expect((await list(name)).body).toMatchObject({
      status: 'active',
      last_error: '',
      chatwoot_inbox_id: 42,
      live: { available: false },
    });
  });

  it('tells how far an import of history is, and why it is none', async () => {
    const { name, id, bridgeIntegrationId } = await activated();
    const at = new Date();
    const row = { instanceId: id, bridgeIntegrationId, days: 7, activatedAt: at, since: at, found: 30, handedOver: 12 };
    await harness.prisma.engineHistory.create({ data: { ...row, state: 'handing_over' } });
    const told = { days: 7, state: 'handing_over', found: 30, handed_over: 12, finished_at: null, warnings: [] };
    expect((await list(name)).body.history).toEqual(told);
    await harness.prisma.engineHistory.update({ where: { instanceId: id }, data: { state: 'unsupported', finishedAt: at } });
    expect((await list(name)).body.history).toMatchObject({
      state: 'unsupported',
      finished_at: at.toISOString(),
      warnings: [expect.stringMatching(/^importHistoryDays has no effect/)],
    });
    // Another set tells the same: it has succeeded all the same.
    const again = await call(api.url, 'POST', `/api/chatwoot/set/${name}`, { token, body: setBody({ importHistoryDays: 7 }) });
    expect(again).toMatchObject({ status: 201, body: { history: { state: 'unsupported' } } });
    expect(again.body.warnings).toEqual([expect.stringMatching(/^importHistoryDays has no effect/)]);
    await remove(name);
    expect(await harness.prisma.engineHistory.findUnique({ where: { instanceId: id } })).toBeNull();
  });

  it('says so when the bridge has lost the integration', async () => {
    const { name } = await activated();
    expect((await list(name)).body).toMatchObject({ status: 'error', last_error: expect.stringContaining('activate it again') });
  });

  it('lists the last activations with their outcomes and times, and nothing internal', async () => {
    const { name } = await activated();
    const { status, body } = await call(api.url, 'GET', `/api/chatwoot/activations/${name}`, { token });
    expect(status).toBe(200);
    expect(body).toEqual({
      instance: name,
      activations: [
        {
          id: expect.stringMatching(/^act_/),
          state: 'succeeded',
          attempt: 1,
          bridge_integration_id: expect.stringMatching(/^int_/),
          error: null,
          created_at: expect.any(String),
          started_at: expect.any(String),
          finished_at: expect.any(String),
          deadline_at: expect.any(String),
          trace: [],
        },
      ],
    });
  });

  it('deletes row, integration and inbox; a second delete finds nothing', async () => {
    const { name, id, bridgeIntegrationId } = await activated();
    bridge.reply(() => ({ status: 204 }));
    expect(await remove(name)).toMatchObject({ status: 200, body: { message: 'chatwoot integration deactivated' } });
    expect(bridge.visits).toMatchObject([{ method: 'DELETE', path: `/v1/integrations/${bridgeIntegrationId}` }]);
    expect(await harness.prisma.removal.findMany({ where: { instanceId: id } })).toMatchObject([
      { state: 'done', reason: 'deactivated', bridgeIntegrationId, instanceName: name },
    ]);
    expect(await list(name)).toMatchObject({
      status: 404,
      body: { error: { message: 'no chatwoot integration for this instance', code: 'integration_not_found' } },
    });
    expect(await remove(name)).toMatchObject({
      status: 404,
      body: { error: { message: 'no chatwoot integration to delete', code: 'integration_to_delete_not_found' } },
    });
  });

  it('counts as removed what the bridge does not have', async () => {
    const { name, id } = await activated();
    expect((await remove(name)).status).toBe(200);
    expect(await harness.prisma.removal.findFirst({ where: { instanceId: id } })).toMatchObject({ state: 'done' });
  });

  it('answers 200 although the bridge fails, and leaves the rest to a worker', async () => {
    const { name, id } = await activated();
    bridge.reply(() => ({ status: 500, body: { success: false, error: { message: 'out of order' } } }));
    expect((await remove(name)).status).toBe(200);
    expect((await list(name)).status).toBe(404);
    const removal = await harness.prisma.removal.findFirstOrThrow({ where: { instanceId: id } });
    expect(removal).toMatchObject({ state: 'pending', attempts: 1, lastError: 'bridge: http' });
    expect(removal.nextAttemptAt.getTime()).toBeLessThanOrEqual(Date.now());
    const seen: unknown[] = [];
    const removals = openWorker(
      REMOVAL_QUEUE,
      harness.location,
      async (job, _token, _signal) => void seen.push(removalJobSchema.parse(job.data)),
      { concurrency: 1, onError: () => {} },
    );
    void removals.worker.run();
    await waitFor(() => seen.length > 0);
    await removals.close(true);
    expect(seen).toEqual([{ v: 1, removalId: removal.id }]);
  });

  it('does not delete under a running activation, and names it', async () => {
    const { name, id } = await activated();
    await harness.prisma.activation.create({
      data: {
        id: `act_running_${count}`,
        instanceId: id,
        requestHash: 'x',
        settings: {},
        deadlineAt: new Date(Date.now() + 60_000),
      },
    });
    const answer = await remove(name);
    expect(answer).toMatchObject({ status: 409, body: { error: { code: 'activation_running' } } });
    expect(answer.body.error.message).toContain(`act_running_${count}`);
    expect(await harness.prisma.chatwootIntegration.count({ where: { instanceId: id } })).toBe(1);
    // Once its deadline has passed it keeps nobody from deleting any more.
    await harness.prisma.activation.update({ where: { id: `act_running_${count}` }, data: { deadlineAt: new Date(0) } });
    expect((await remove(name)).status).toBe(200);
  });

  it('keeps track of an integration that it answered 201 for when a set and a delete race', async () => {
    for (let round = 0; round < 5; round += 1) {
      const { name, id } = await activated();
      bridge.reply(() => ({ status: 204 }));
      const [set, deleted] = await Promise.all([
        call(api.url, 'POST', `/api/chatwoot/set/${name}`, { token, body: setBody({ signMessages: true }) }),
        remove(name),
      ]);
      expect(set.status).toBe(201);
      expect([200, 409]).toContain(deleted.status);
      const recorded = await harness.prisma.chatwootIntegration.findMany({ where: { instanceId: id } });
      const removed = await harness.prisma.removal.findMany({ where: { instanceId: id } });
      const known = [...recorded, ...removed].map((row) => row.bridgeIntegrationId);
      // Whichever came first: it is recorded, or its removal is.
      expect(known).toContain(set.body.bridge_integration_id);
      expect(new Set(known).size).toBe(known.length);
    }
  });
});
