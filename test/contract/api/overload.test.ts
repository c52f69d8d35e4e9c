import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitFor } from '../../support/wait-for.ts';
import { call, createHarness, type Harness, newInstance, type RunningApi, setBody, timed } from './harness.ts';

const OVERLOADED = {
  success: false,
  error: {
    code: 'overloaded',
    message: 'too many activations are waiting for their turn, this one cannot begin in time — try again in 30 s',
  },
};
const PREFER_ASYNC = { Prefer: 'respond-async' };

describe('when more activations wait than can begin in time', () => {
  let harness: Harness;
  let api: RunningApi;
  beforeAll(async () => {
    harness = await createHarness('postgres');
    api = await harness.startApi();
  });
  afterAll(() => harness?.stop());

  /** So many activations of an account, none of which a worker has begun yet. */
  async function letWait(accountId: string, count: number, waitedMs: number): Promise<void> {
    const ids = Array.from({ length: count }, () => randomUUID());
    await harness.prisma.instance.createMany({
      data: ids.map((id) => ({ id: `ins_${id}`, name: id, accountId, tokenHash: id })),
    });
    await harness.prisma.activation.createMany({
      data: ids.map((id) => ({
        id: `act_${id}`,
        instanceId: `ins_${id}`,
        requestHash: id,
        settings: {},
        createdAt: new Date(Date.now() - waitedMs),
        deadlineAt: new Date(Date.now() + 120_000),
      })),
    });
  }
  const set = (token: string, name: string) =>
    call(api.url, 'POST', `/api/chatwoot/set/${name}`, { token, body: setBody(), headers: PREFER_ASYNC });
  const endAll = () => harness.prisma.activation.updateMany({ data: { state: 'failed' } });
  /** What is known of the queue is a second old at most. */
  const refused = async (token: string, name: string) => {
    const answer = await waitFor(async () => {
      const found = await set(token, name);
      await harness.prisma.activation.deleteMany({ where: { instance: { name } } });
      return found.status === 503 ? found : undefined;
    });
    return answer;
  };

  it('the account they belong to is refused at once and told when to come back, and another one is not', async () => {
    const [crowded, other] = [await harness.createAccount(), await harness.createAccount()];
    const { name } = await newInstance(api.url, crowded.token, 'crowded');
    const { name: otherName } = await newInstance(api.url, other.token, 'other');
    await letWait(crowded.id, 100, 30_000);
    expect(await refused(crowded.token, name)).toMatchObject({ status: 503, body: OVERLOADED });
    const [answer, tookMs] = await timed(() => set(crowded.token, name));
    expect(answer.headers.get('retry-after')).toBe('30');
    expect(tookMs).toBeLessThan(5_000);
    expect(await harness.prisma.activation.count({ where: { instance: { name } } })).toBe(0);
    expect((await set(other.token, otherName)).status).toBe(202);
    await endAll();
    await waitFor(async () => (await set(crowded.token, name)).status === 202, { describe: 'the queue being short again' });
    await endAll();
  });

  it('everybody is, once they are of many accounts', async () => {
    const { token } = await harness.createAccount();
    const { name } = await newInstance(api.url, token, 'last');
    for (let index = 0; index < 10; index += 1) await letWait((await harness.createAccount()).id, 100, 30_000);
    expect(await refused(token, name)).toMatchObject({ body: OVERLOADED });
    await endAll();
  });

  it('those that have only just come do not count', async () => {
    const { id, token } = await harness.createAccount();
    await letWait(id, 200, 0);
    const { name } = await newInstance(api.url, token, 'quick');
    await waitFor(async () => (await set(token, name)).status === 202);
    await endAll();
  });
});
