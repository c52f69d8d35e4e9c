import fc from 'fast-check';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { call, createHarness, type Harness, newInstance, type RunningApi, setBody } from './harness.ts';
import { startTinyWorker, type Verdict } from './tiny-worker.ts';

const fails = (retryable: boolean): Verdict => ({
  kind: 'fail',
  error: {
    code: retryable ? 'chatwoot_unreachable' : 'chatwoot_not_admin',
    httpStatus: retryable ? 502 : 403,
    message: 'no',
    retryable,
  },
});

// Which activation a request belongs to is decided in the database, whatever the queue.
describe('repeating a set', () => {
  let harness: Harness;
  let api: RunningApi;
  let token: string;
  let worker: ReturnType<typeof startTinyWorker> | undefined;
  let count = 0;

  beforeAll(async () => {
    harness = await createHarness('postgres');
    api = await harness.startApi();
    ({ token } = await harness.createAccount());
  });
  afterEach(async () => {
    await worker?.stop();
    worker = undefined;
  });
  afterAll(() => harness.stop());

  const fresh = async () => (await newInstance(api.url, token, `again-${++count}`)).name;
  const set = (name: string, key?: string, body: unknown = setBody(), headers: Record<string, string> = {}, base = api.url) =>
    call(base, 'POST', `/api/chatwoot/set/${name}`, {
      token,
      body,
      headers: { ...headers, ...(key === undefined ? {} : { 'idempotency-key': key }) },
    });
  const rows = (name: string) =>
    harness.prisma.activation.findMany({ where: { instance: { name } }, orderBy: { createdAt: 'asc' } });

  it('makes one activation of 50 identical simultaneous requests on two apis, and answers all of them the same 201', async () => {
    const other = await harness.startApi();
    const name = await fresh();
    const answers = Promise.all(
      Array.from({ length: 50 }, (_, n) => set(name, undefined, setBody(), {}, n % 2 === 0 ? api.url : other.url)),
    );
    await waitFor(async () => (await rows(name)).length > 0);
    worker = startTinyWorker({ ...harness, decide: () => delay(1_500).then(() => ({ kind: 'succeed' })) });
    expect((await answers).map((answer) => answer.status)).toEqual(Array(50).fill(201));
    expect(new Set((await answers).map((answer) => JSON.stringify(answer.body))).size).toBe(1);
    expect(await rows(name)).toHaveLength(1);
    expect(worker.jobs).toHaveLength(1);
    await other.stop();
  });

  it('gives the same answer again for the same key and body, without a second activation', async () => {
    worker = startTinyWorker(harness);
    const name = await fresh();
    const first = await set(name, 'key-1');
    const second = await set(name, 'key-1');
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
    expect(second.headers.get('x-activation-id')).toBe(first.headers.get('x-activation-id'));
    expect(await rows(name)).toHaveLength(1);
    // Without the key, or with another one, it is a new request.
    expect((await set(name)).headers.get('x-activation-id')).not.toBe(first.headers.get('x-activation-id'));
    expect((await set(name, 'key-2')).status).toBe(201);
    expect(await rows(name)).toHaveLength(3);
  });

  it('refuses the same key with another body, whether the first is running or done, and names the first', async () => {
    const name = await fresh();
    const pending = set(name, 'key');
    const [row] = await waitFor(async () => ((await rows(name)).length > 0 ? rows(name) : undefined));
    const refusal = { status: 409, body: { success: false, error: { code: 'idempotency_key_reused' } } };
    expect(await set(name, 'key', setBody({ ignoreGroups: true }))).toMatchObject(refusal);
    worker = startTinyWorker(harness);
    await pending;
    const answer = await set(name, 'key', setBody({ chatwootApiToken: 'another' }));
    expect(answer).toMatchObject(refusal);
    expect(answer.body.error.message).toContain(row?.id);
    expect(await rows(name)).toHaveLength(1);
  });

  it('keeps a key to its instance', async () => {
    worker = startTinyWorker(harness);
    const [a, b] = [await fresh(), await fresh()];
    expect([(await set(a, 'shared')).status, (await set(b, 'shared', setBody({ signMessages: true }))).status]).toEqual([
      201, 201,
    ]);
  });

  it('repeats a failure that no other try can mend, and tries again after one that can', async () => {
    const verdicts = [fails(false), fails(true)];
    worker = startTinyWorker({ ...harness, decide: () => verdicts.shift() ?? { kind: 'succeed' } });
    const name = await fresh();
    expect([(await set(name, 'final')).status, (await set(name, 'final')).status]).toEqual([403, 403]);
    expect(await rows(name)).toHaveLength(1);
    expect((await set(name, 'mendable')).status).toBe(502);
    const second = await set(name, 'mendable');
    expect(second.status).toBe(201);
    expect((await set(name, 'mendable')).headers.get('x-activation-id')).toBe(second.headers.get('x-activation-id'));
    expect(await rows(name)).toHaveLength(3);
  });

  it.each([undefined, 'first-key'])(
    'remembers a key that came with a request that joined a running one, whose own key is %s',
    async (firstKey) => {
      const name = await fresh();
      const first = set(name, firstKey);
      const [row] = await waitFor(async () => ((await rows(name)).length > 0 ? rows(name) : undefined));
      const second = set(name, 'late-key');
      await waitFor(
        async () => (await harness.prisma.activationKey.count({ where: { activationId: row?.id, key: 'late-key' } })) === 1,
      );
      worker = startTinyWorker(harness);
      expect((await first).body).toEqual((await second).body);
      for (const key of ['late-key', ...(firstKey === undefined ? [] : [firstKey])]) {
        expect((await set(name, key)).headers.get('x-activation-id')).toBe(row?.id);
      }
      expect(await rows(name)).toHaveLength(1);
    },
  );

  it('still knows a key that an older version has written', async () => {
    worker = startTinyWorker(harness);
    const name = await fresh();
    const id = (await set(name)).headers.get('x-activation-id') ?? '';
    await harness.prisma.activation.update({ where: { id }, data: { idempotencyKey: 'old' } });
    expect((await set(name, 'old')).headers.get('x-activation-id')).toBe(id);
  });

  it('answers 202 at once to who prefers not to wait, and where to look; the outcome is there later', async () => {
    const name = await fresh();
    const begun = Date.now();
    const answer = await set(name, 'async', setBody(), { prefer: 'wait=5, Respond-Async' });
    expect(Date.now() - begun).toBeLessThan(1_000);
    const id = answer.headers.get('x-activation-id');
    expect(answer.status).toBe(202);
    expect(answer.body).toEqual({
      instance: name,
      status: 'pending',
      activation_id: id,
      message: `chatwoot integration is being activated — look at GET /api/chatwoot/activations/${name}`,
    });
    expect(answer.headers.get('preference-applied')).toBe('respond-async');
    const location = answer.headers.get('location') ?? '';
    const look = async () => (await call(api.url, 'GET', location, { token })).body.activations[0];
    expect(await look()).toMatchObject({ id, state: 'pending' });
    worker = startTinyWorker(harness);
    await waitFor(async () => (await look()).state === 'succeeded');
    // With its key the request can still be asked for its answer.
    expect(await set(name, 'async', setBody(), { prefer: 'respond-async' })).toMatchObject({
      status: 201,
      body: { status: 'active' },
    });
  });

  it('begins one activation a key, however the requests interleave', async () => {
    const step = fc.record({
      key: fc.constantFrom(undefined, 'a', 'b'),
      flag: fc.boolean(),
      api: fc.integer({ min: 0, max: 1 }),
    });
    const apis = [api, await harness.startApi()] as const;
    worker = startTinyWorker({ ...harness, decide: () => delay(20).then(() => ({ kind: 'succeed' })) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 2, maxLength: 8 }), async (steps) => {
        const name = await fresh();
        const answers = await Promise.all(
          steps.map(({ key, flag, api: n }) => set(name, key, setBody({ signMessages: flag }), {}, apis[n === 0 ? 0 : 1].url)),
        );
        const ids = new Map<string, Set<string>>();
        for (const [n, { status, headers }] of answers.entries()) {
          expect([201, 409]).toContain(status);
          const key = steps[n]?.key;
          if (status === 201 && key !== undefined)
            ids.set(key, (ids.get(key) ?? new Set()).add(headers.get('x-activation-id') ?? ''));
        }
        for (const group of ids.values()) expect(group.size).toBe(1);
        expect(answers.some(({ status }) => status === 201)).toBe(true);
      }),
      { numRuns: 8 },
    );
    await apis[1].stop();
  });

  it('refuses a key that is none', async () => {
    const name = await fresh();
    for (const key of ['x'.repeat(256), 'with space', 'ümlaut']) {
      expect(await set(name, key)).toMatchObject({
        status: 400,
        body: {
          error: {
            code: 'invalid_request',
            message: 'invalid request: Idempotency-Key: must have 1 to 255 visible ASCII characters',
          },
        },
      });
    }
  });
});

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
