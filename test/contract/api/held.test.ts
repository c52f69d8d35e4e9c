import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ActivationError, activationError } from '../../../shared/activations/error.ts';
import { createId } from '../../../shared/auth/tokens.ts';
import { openQueue } from '../../../shared/queue/engine.ts';
import { ACTIVATION_QUEUE } from '../../../shared/queue/queues.ts';
import { waitFor } from '../../support/wait-for.ts';
import { call, createHarness, type Harness, newInstance, type RunningApi, setBody } from './harness.ts';
import { settle } from './tiny-worker.ts';

/** Of one Chatwoot of which nothing is known: the jobs that are in the queue at a time. */
const AT_FIRST = 8;
const CROWD = 30;
const HANGS: ActivationError = {
  ...activationError('chatwoot_unreachable', { url: 'https://chatwoot.example.com', detail: 'no answer' }),
  retryAfterSeconds: 30,
  hostHangs: true,
};

describe('many activations against one Chatwoot', () => {
  let harness: Harness;
  let api: RunningApi;
  let queue: ReturnType<typeof openQueue<unknown>>;
  let token: string;
  beforeAll(async () => {
    harness = await createHarness('redis');
    queue = openQueue<unknown>(ACTIVATION_QUEUE, harness.location, () => {});
  });
  afterAll(async () => {
    await queue?.close();
    await harness?.stop();
  });
  afterEach(async () => {
    await harness.prisma.activation.deleteMany();
    await queue.queue.obliterate({ force: true });
  });

  const jobs = () => queue.queue.getJobCountByTypes('waiting', 'prioritized', 'delayed', 'active');
  const rows = () => harness.prisma.activation.findMany({ orderBy: { createdAt: 'asc' } });
  /** Asks for all of them at once, and waits until each has a row. */
  async function crowd(name: string) {
    api = await harness.startApi();
    const account = await harness.createAccount();
    token = account.token;
    const instances = Array.from({ length: CROWD }, (_, index) => ({ id: createId('ins'), name: `${name}-${index}` }));
    await harness.prisma.instance.createMany({
      data: instances.map((instance) => ({ ...instance, accountId: account.id, tokenHash: instance.id })),
    });
    const answers = instances.map((instance) =>
      call(api.url, 'POST', `/api/chatwoot/set/${instance.name}`, { token, body: setBody() }),
    );
    await waitFor(async () => (await rows()).length === CROWD, { describe: 'a row for each' });
    return { instances, answers: Promise.all(answers) };
  }

  it('all have a row, a few a job in the queue; the others get theirs as those end, more at a time the more succeed', async () => {
    const { answers } = await crowd('turn');
    expect(await jobs()).toBe(AT_FIRST);
    const held = (await rows()).filter(({ heldUntil }) => heldUntil !== null);
    expect(held).toHaveLength(CROWD - AT_FIRST);
    for (const { heldUntil, createdAt, deadlineAt } of held) {
      expect((heldUntil?.getTime() ?? 0) - createdAt.getTime()).toBe(27_000);
      expect(heldUntil?.getTime()).toBeLessThan(deadlineAt.getTime());
    }
    const others = await call(api.url, 'POST', `/api/chatwoot/set/${(await newInstance(api.url, token, 'elsewhere')).name}`, {
      token,
      body: setBody({ chatwootBaseUrl: 'https://other.example.com' }),
      headers: { Prefer: 'respond-async' },
    });
    expect(others.status).toBe(202);
    await waitFor(async () => (await jobs()) === AT_FIRST + 1);

    const [first, second] = (await rows()).filter(({ heldUntil }) => heldUntil === null);
    for (const row of [first, second]) await settle(harness.prisma, row?.id ?? '', { kind: 'succeed' });
    // Two for the places of those that have ended, two because they have succeeded.
    await waitFor(async () => (await jobs()) === AT_FIRST + 1 + 4, { describe: 'four more jobs' });
    for (let ended = 0; ended < CROWD + 1; ) {
      const open = (await rows()).filter(({ state }) => state === 'pending');
      for (const { id } of open) await settle(harness.prisma, id, { kind: 'succeed' });
      ended = (await rows()).filter(({ state }) => state === 'succeeded').length;
    }
    expect((await answers).map(({ status }) => status)).toEqual(Array(CROWD).fill(201));
    await api.stop();
  });

  it('are told as soon as one of them is that it hangs, each with an answer and a row of its own, and never get a job', async () => {
    const { answers } = await crowd('told');
    const [first] = (await rows()).filter(({ heldUntil }) => heldUntil === null);
    await settle(harness.prisma, first?.id ?? '', { kind: 'fail', error: HANGS });
    await waitFor(async () => (await rows()).filter(({ state }) => state === 'failed').length === CROWD - AT_FIRST + 1);
    expect(await jobs()).toBe(AT_FIRST);
    for (const { id, state } of await rows())
      if (state === 'pending') await settle(harness.prisma, id, { kind: 'fail', error: HANGS });
    for (const { status, headers, body } of await answers) {
      expect(status).toBe(502);
      expect(headers.get('retry-after')).toBe('30');
      expect(body).toEqual({ success: false, error: { code: HANGS.code, message: HANGS.message } });
      expect(headers.get('x-activation-id')).toMatch(/^act_/);
    }
    for (const row of await rows()) expect(row).toMatchObject({ error: HANGS, chatwootToken: null });
    await api.stop();
  });

  it('asked for twice while the first waits are one', async () => {
    const { instances, answers } = await crowd('twice');
    const last = instances.at(-1)?.name;
    const again = call(api.url, 'POST', `/api/chatwoot/set/${last}`, { token, body: setBody() });
    const other = await call(api.url, 'POST', `/api/chatwoot/set/${last}`, { token, body: setBody({ chatwootAccountId: 6 }) });
    expect(other).toMatchObject({ status: 409, body: { error: { code: 'activation_conflict' } } });
    for (const { id } of await rows()) await settle(harness.prisma, id, { kind: 'succeed' });
    expect((await again).headers.get('x-activation-id')).toBe((await answers).at(-1)?.headers.get('x-activation-id'));
    expect(await rows()).toHaveLength(CROWD);
    await api.stop();
  });

  it('have a job each once the api stops, for workers to go on', async () => {
    const { answers } = await crowd('stop');
    const stopped = api.stop();
    await waitFor(async () => (await jobs()) === CROWD, { describe: 'a job for each' });
    for (const { id } of await rows()) await settle(harness.prisma, id, { kind: 'succeed' });
    expect((await answers).map(({ status }) => status)).toEqual(Array(CROWD).fill(201));
    await stopped;
  });
});
