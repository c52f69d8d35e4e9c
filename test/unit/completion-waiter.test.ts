import { getEventListeners } from 'node:events';
import type pg from 'pg';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { type Completion, createCompletionWaiter } from '../../api/activation/completion-waiter.ts';
import { useVirtualTime } from '../support/virtual-time.ts';

const { pass } = useVirtualTime();

const POLL_MS = 1_500;
const LAST_LOOK_MS = 300;

/** A waiter that hears of nothing by notification: what is left then has to do. The rows are the test's. */
function createWaiter() {
  const settled = new Set<string>();
  const looks: string[][] = [];
  const state = { fails: false, hangs: false, goOn: () => {} };
  const pool = {
    async query({ values: [ids] }: { values: [string[]] }) {
      looks.push(ids);
      if (state.hangs) await new Promise<void>((resolve) => (state.goOn = resolve));
      if (state.fails) throw new Error('the database is away');
      const rows = ids.filter((id) => settled.has(id));
      return {
        rows: rows.map((id) => ({
          id,
          state: 'succeeded',
          bridgeIntegrationId: `of ${id}`,
          previousInbox: null,
          oldRelease: null,
          error: null,
        })),
      };
    },
  };
  const waiter = createCompletionWaiter({
    // All of a pool that it uses.
    pool: pool as unknown as pg.Pool,
    listener: { subscribe: () => {}, start: () => {}, stop: async () => {} },
    logger: pino({ level: 'silent' }),
  });
  /** Somebody waits; `told` is what he was told, as soon as he was. */
  const wait = (id: string, withinMs: number, signal = new AbortController().signal) => {
    const seen: { told: Completion | undefined; at: number } = { told: undefined, at: 0 };
    const begunAt = Date.now();
    void waiter
      .wait(id, new Date(begunAt + withinMs), signal)
      .then((told) => Object.assign(seen, { told, at: Date.now() - begunAt }));
    return seen;
  };
  return { waiter, wait, settled, looks, state };
}
const succeeded = (id: string): Completion => ({
  kind: 'settled',
  outcome: { state: 'succeeded', bridgeIntegrationId: `of ${id}`, previousInbox: undefined, oldRelease: null },
});

describe('whoever waits for an activation', () => {
  it('is told its outcome within a second and a half, though no notification comes', async () => {
    const { wait, settled, waiter } = createWaiter();
    const one = wait('a', 60_000);
    const other = wait('b', 60_000);
    await pass(100);
    settled.add('a');
    await pass(POLL_MS);
    expect(one).toEqual({ told: succeeded('a'), at: POLL_MS });
    expect(other.told).toBeUndefined();
    expect(waiter.waiting()).toBe(1);
  });

  it('is told together with all who wait for the same one', async () => {
    const { wait, settled, waiter, looks } = createWaiter();
    const all = [wait('a', 60_000), wait('a', 60_000), wait('a', 60_000)];
    expect(waiter.waiting()).toBe(3);
    settled.add('a');
    await pass(POLL_MS);
    expect(all.map(({ told }) => told)).toEqual(Array(3).fill(succeeded('a')));
    expect(looks).toEqual([['a']]);
    expect(waiter.waiting()).toBe(0);
  });

  it('hears at the deadline what a last look finds, or that the time is up', async () => {
    const { wait, settled } = createWaiter();
    const late = wait('a', 1_000);
    const never = wait('b', 1_000);
    settled.add('a');
    await pass(999);
    expect([late.told, never.told]).toEqual([undefined, undefined]);
    await pass(1);
    expect(late).toEqual({ told: succeeded('a'), at: 1_000 });
    expect(never).toEqual({ told: { kind: 'timeout' }, at: 1_000 });
  });

  it('waits no longer than a moment for a last look that hangs', async () => {
    const { wait, state } = createWaiter();
    state.hangs = true;
    const one = wait('a', 1_000);
    await pass(1_000 + LAST_LOOK_MS - 1);
    expect(one.told).toBeUndefined();
    await pass(1);
    expect(one.told).toEqual({ kind: 'timeout' });
    // The answer that comes after that is nobody's.
    state.goOn();
    await pass(0);
    expect(one.told).toEqual({ kind: 'timeout' });
  });

  it('is told though the database was away for a while', async () => {
    const { wait, settled, state } = createWaiter();
    const one = wait('a', 60_000);
    settled.add('a');
    state.fails = true;
    await pass(2 * POLL_MS);
    expect(one.told).toBeUndefined();
    state.fails = false;
    await pass(POLL_MS);
    expect(one).toEqual({ told: succeeded('a'), at: 3 * POLL_MS });
  });

  it('hears at the deadline that the time is up where the database is away', async () => {
    const { wait, state } = createWaiter();
    state.fails = true;
    const one = wait('a', 1_000);
    await pass(1_000);
    expect(one).toEqual({ told: { kind: 'timeout' }, at: 1_000 });
  });

  it('that has gone is told so at once, and nobody waits for him any more', async () => {
    const { wait, waiter, looks } = createWaiter();
    const gone = new AbortController();
    const one = wait('a', 60_000, gone.signal);
    gone.abort();
    await pass(0);
    expect(one.told).toEqual({ kind: 'cancelled' });
    expect(waiter.waiting()).toBe(0);
    await pass(60_000);
    expect(looks).toEqual([]);
    const late = wait('a', 60_000, gone.signal);
    await pass(0);
    expect(late.told).toEqual({ kind: 'cancelled' });
    expect(waiter.waiting()).toBe(0);
  });

  it('leaves nothing behind with whoever may still go away', async () => {
    const { wait, settled } = createWaiter();
    const request = new AbortController();
    wait('a', 60_000, request.signal);
    expect(getEventListeners(request.signal, 'abort')).toHaveLength(1);
    settled.add('a');
    await pass(POLL_MS);
    expect(getEventListeners(request.signal, 'abort')).toEqual([]);
  });

  it('that has gone while he was asked for does not keep what the others wait for from them', async () => {
    const { wait, settled, state } = createWaiter();
    const gone = new AbortController();
    wait('a', 60_000, gone.signal);
    const other = wait('b', 60_000);
    state.hangs = true;
    await pass(POLL_MS);
    gone.abort();
    settled.add('a').add('b');
    state.goOn();
    await pass(0);
    expect(other.told).toEqual(succeeded('b'));
  });

  it('does not leave others behind who wait for the same one', async () => {
    const { wait, settled } = createWaiter();
    const gone = new AbortController();
    wait('a', 60_000, gone.signal);
    const other = wait('a', 60_000);
    gone.abort();
    settled.add('a');
    await pass(POLL_MS);
    expect(other.told).toEqual(succeeded('a'));
  });
});

describe('looking for what has ended', () => {
  it('asks once for all that is waited for, and for nothing else', async () => {
    const { wait, looks } = createWaiter();
    wait('a', 60_000);
    wait('b', 60_000);
    wait('b', 60_000);
    await pass(POLL_MS);
    expect(looks).toEqual([['a', 'b']]);
  });

  it('asks nothing while nobody waits, and again when somebody does', async () => {
    const { wait, settled, looks } = createWaiter();
    await pass(60_000);
    expect(looks).toEqual([]);
    settled.add('a');
    wait('a', 60_000);
    await pass(POLL_MS);
    expect(looks).toHaveLength(1);
    await pass(60_000);
    expect(looks).toHaveLength(1);
    const next = wait('a', 60_000);
    await pass(POLL_MS);
    expect(next.told).toEqual(succeeded('a'));
  });

  it('asks one question at a time, and what came meanwhile with the next', async () => {
    const { wait, looks, state, settled } = createWaiter();
    state.hangs = true;
    wait('a', 60_000);
    await pass(POLL_MS);
    const other = wait('b', 60_000);
    settled.add('b');
    await pass(3 * POLL_MS);
    expect(looks).toEqual([['a']]);
    state.hangs = false;
    state.goOn();
    await pass(0);
    expect(looks).toEqual([['a'], ['a', 'b']]);
    expect(other.told).toEqual(succeeded('b'));
  });
});

describe('a waiter that is stopped', () => {
  it('answers everybody with `shutdown`, also those who come later', async () => {
    const { wait, waiter } = createWaiter();
    const one = wait('a', 60_000);
    const other = wait('b', 60_000);
    waiter.stop();
    const late = wait('c', 60_000);
    await pass(0);
    expect([one, other, late].map(({ told }) => told)).toEqual(Array(3).fill({ kind: 'shutdown' }));
    expect(waiter.waiting()).toBe(0);
  });
});

describe('being idle', () => {
  const idle = ({ waiter }: ReturnType<typeof createWaiter>, timeoutMs: number) => {
    const seen = { is: false };
    void waiter.idle(timeoutMs).then(() => {
      seen.is = true;
    });
    return seen;
  };

  it('is at once where nobody waits', async () => {
    const seen = idle(createWaiter(), 60_000);
    await pass(0);
    expect(seen.is).toBe(true);
  });

  it('is as soon as the last one was answered', async () => {
    const made = createWaiter();
    made.wait('a', 1_000);
    made.wait('b', 2_000);
    const seen = idle(made, 60_000);
    await pass(1_999);
    expect(seen.is).toBe(false);
    await pass(1);
    expect(seen.is).toBe(true);
  });

  it('is waited for no longer than told', async () => {
    const made = createWaiter();
    made.wait('a', 60_000);
    const seen = idle(made, 500);
    await pass(499);
    expect(seen.is).toBe(false);
    await pass(1);
    expect(seen.is).toBe(true);
    // The others wait on.
    expect(made.waiter.waiting()).toBe(1);
  });
});
