import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Completion, createCompletionWaiter } from '../../../api/activation/completion-waiter.ts';
import { createListener } from '../../../shared/database/listener.ts';
import { createLogger } from '../../../shared/logging/logger.ts';
import { waitFor } from '../../support/wait-for.ts';
import { createHarness, type Harness } from './harness.ts';
import { settle } from './tiny-worker.ts';

const logger = createLogger({ service: 'test', level: 'fatal' });
const never = () => new AbortController().signal;

describe('the completion waiter', () => {
  let harness: Harness;
  let count = 0;
  let accountId: string;

  beforeAll(async () => {
    harness = await createHarness('postgres');
    accountId = (await harness.createAccount()).id;
  });
  afterAll(() => harness.stop());

  async function activation(): Promise<string> {
    const id = `act_${++count}`;
    await harness.prisma.instance.create({
      data: {
        id: `ins_${id}`,
        accountId,
        name: id,
        tokenHash: id,
        activations: { create: { id, requestHash: '', settings: SETTINGS, deadlineAt: new Date() } },
      },
    });
    return id;
  }
  function create() {
    const listener = createListener({ databaseUrl: harness.databaseUrl, logger });
    const waiter = createCompletionWaiter({ pool: harness.pool, listener, logger });
    const stop = () => {
      waiter.stop();
      return listener.stop();
    };
    return { ...waiter, start: listener.start, stop };
  }
  const inMs = (ms: number) => new Date(Date.now() + ms);

  it('gives every waiter exactly one answer, the right one, and holds on to nobody', async () => {
    const scenario = fc.array(
      fc.record({
        waiters: fc.integer({ min: 1, max: 4 }),
        /** When the row is settled, from the moment somebody waits; negative: before that. */
        settleAfterMs: fc.option(fc.integer({ min: -1, max: 150 }), { nil: undefined }),
        notify: fc.boolean(),
        deadlineMs: fc.integer({ min: 0, max: 400 }),
        cancelAfterMs: fc.option(fc.integer({ min: 0, max: 300 }), { nil: undefined }),
      }),
      { minLength: 1, maxLength: 12 },
    );
    await fc.assert(
      fc.asyncProperty(scenario, async (cases) => {
        const waiter = create();
        waiter.start();
        await Promise.all(
          cases.map(async ({ waiters, settleAfterMs, notify, deadlineMs, cancelAfterMs }) => {
            const id = await activation();
            if (settleAfterMs !== undefined && settleAfterMs < 0) await settle(harness.prisma, id, { kind: 'succeed' }, notify);
            const gone = new AbortController();
            if (cancelAfterMs !== undefined) setTimeout(() => gone.abort(), cancelAfterMs);
            const answers = Array.from({ length: waiters }, () => waiter.wait(id, inMs(deadlineMs), gone.signal));
            const settled =
              settleAfterMs !== undefined && settleAfterMs >= 0
                ? delay(settleAfterMs).then(() => settle(harness.prisma, id, { kind: 'succeed' }, notify))
                : undefined;
            const completions: Completion[] = await Promise.all(answers);
            await settled;
            for (const { kind } of completions) {
              if (settleAfterMs === undefined) expect(kind).not.toBe('settled');
              if (cancelAfterMs === undefined) expect(kind).not.toBe('cancelled');
              expect(kind).not.toBe('shutdown');
            }
            // The last look at the deadline finds what was settled before anybody waited, notified or not.
            if (settleAfterMs === -1 && cancelAfterMs === undefined) {
              expect(completions.map((completion) => completion.kind)).toEqual(Array(waiters).fill('settled'));
            }
          }),
        );
        expect(waiter.waiting()).toBe(0);
        await waiter.idle(0);
        await waiter.stop();
      }),
      { numRuns: 8 },
    );
  });

  it('holds 300 waiters and wakes each as soon as its own activation is done', async () => {
    const waiter = create();
    waiter.start();
    const ids = await Promise.all(Array.from({ length: 30 }, activation));
    const answers = ids.flatMap((id) => Array.from({ length: 10 }, () => waiter.wait(id, inMs(20_000), never())));
    expect(waiter.waiting()).toBe(300);
    await Promise.all(ids.map((id) => settle(harness.prisma, id, { kind: 'succeed' })));
    const completions = await Promise.all(answers);
    expect(new Set(completions.map((completion) => completion.kind))).toEqual(new Set(['settled']));
    expect(waiter.waiting()).toBe(0);
    await waiter.stop();
  });

  it('goes on after its connection was cut, and finds what it missed meanwhile', async () => {
    const waiter = create();
    waiter.start();
    const id = await activation();
    const answer = waiter.wait(id, inMs(20_000), never());
    const listening = () => harness.prisma.$queryRaw<unknown[]>`
      SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()`;
    await waitFor(async () => (await listening()).length > 0);
    await harness.prisma.$queryRaw`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database()`;
    await settle(harness.prisma, id, { kind: 'succeed' });
    expect((await answer).kind).toBe('settled');
    await waitFor(async () => (await listening()).length > 0);
    const next = await activation();
    const begun = Date.now();
    const second = waiter.wait(next, inMs(20_000), never());
    await settle(harness.prisma, next, { kind: 'succeed' });
    expect((await second).kind).toBe('settled');
    expect(Date.now() - begun).toBeLessThan(1_000);
    await waiter.stop();
  });

  it('answers everybody with `shutdown` when it stops, also those who come later', async () => {
    const waiter = create();
    waiter.start();
    const id = await activation();
    const answers = [waiter.wait(id, inMs(20_000), never()), waiter.wait(id, inMs(20_000), never())];
    await waiter.stop();
    expect((await Promise.all(answers)).map((completion) => completion.kind)).toEqual(['shutdown', 'shutdown']);
    expect((await waiter.wait(id, inMs(20_000), never())).kind).toBe('shutdown');
    expect(waiter.waiting()).toBe(0);
  });
});

const delay = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
const SETTINGS = {
  chatwootBaseUrl: 'https://chatwoot.example.com',
  chatwootAccountId: 5,
  inboxName: 'x',
  signMessages: false,
  ignoreGroups: false,
  startAsPending: false,
  reopenResolved: false,
};
