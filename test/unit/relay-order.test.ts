import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { chooseConversation } from '../../bridge/relay/to-chatwoot/conversations.ts';
import { createGate } from '../../bridge/relay/to-chatwoot/gate.ts';
import { createLanes, type TryOutcome } from '../../bridge/relay/to-chatwoot/lanes.ts';
import { pauseAfter } from '../../bridge/relay/to-chatwoot/pauses.ts';
import { waitFor } from '../support/wait-for.ts';

/** Lanes whose every try is recorded, and whose items fail as often as they say. */
function createTried({ limit = 8, tryMs = 2 } = {}) {
  const tried: string[] = [];
  const done: string[] = [];
  let running = 0;
  let most = 0;
  const lanes = createLanes<{ name: string; failures: number }>({
    limit,
    mayTry: () => Promise.resolve(true),
    tryFirst: async (item): Promise<TryOutcome> => {
      tried.push(item.name);
      running += 1;
      most = Math.max(most, running);
      await delay(tryMs);
      running -= 1;
      if (item.failures-- > 0) return { retryAfterMs: 5 };
      done.push(item.name);
      return 'done';
    },
  });
  return { lanes, tried, done, most: () => most };
}

describe('lanes', () => {
  it('keep the order within a chat over failures, and let the other chats pass', async () => {
    const { lanes, done } = createTried();
    lanes.push(['a'], { name: 'a1', failures: 10 });
    lanes.push(['a'], { name: 'a2', failures: 1 });
    lanes.push(['a'], { name: 'a3', failures: 0 });
    lanes.push(['b'], { name: 'b1', failures: 0 });
    await waitFor(() => done.length === 4);
    expect(done).toEqual(['b1', 'a1', 'a2', 'a3']);
  });

  it('put under one order what is told under different addresses of one person', async () => {
    const { lanes, done } = createTried();
    lanes.push(['lid'], { name: '1', failures: 3 });
    lanes.push(['number', 'lid'], { name: '2', failures: 0 });
    lanes.push(['number'], { name: '3', failures: 0 });
    await waitFor(() => done.length === 3);
    expect(done).toEqual(['1', '2', '3']);
  });

  it('work on so many chats at a time and no more, and a chat that pauses takes up no room', async () => {
    const { lanes, done, most } = createTried({ limit: 2 });
    for (let index = 0; index < 6; index++) lanes.push([`stuck${index}`], { name: `s${index}`, failures: 1_000 });
    for (let index = 0; index < 6; index++) lanes.push([`fine${index}`], { name: `f${index}`, failures: 0 });
    await waitFor(() => done.length === 6);
    expect(most()).toBe(2);
    await lanes.stop();
  });

  it('begin nothing after they were stopped, and wait for what is under way', async () => {
    const { lanes, tried, done } = createTried({ tryMs: 200 });
    lanes.push(['a'], { name: 'a1', failures: 0 });
    lanes.push(['a'], { name: 'a2', failures: 0 });
    await waitFor(() => tried.length === 1);
    await lanes.stop();
    expect(done).toEqual(['a1']);
    lanes.push(['b'], { name: 'b1', failures: 0 });
    await delay(10);
    expect(tried).toEqual(['a1']);
  });
});

describe('the gate', () => {
  const pauses = { firstMs: 20, maxMs: 200 };

  it('lets a single one through after a pause, and all of them once that got through', async () => {
    const gate = createGate(pauses);
    gate.failed();
    const passed: number[] = [];
    for (let index = 0; index < 5; index++) void gate.pass().then(() => passed.push(index));
    await waitFor(() => passed.length > 0);
    await delay(50);
    expect(passed).toHaveLength(1);
    gate.succeeded();
    await waitFor(() => passed.length === 5);
    expect(await gate.pass()).toBe(true);
  });

  it('lets the next one see when the first had no need to', async () => {
    const gate = createGate(pauses);
    gate.failed();
    await gate.pass();
    gate.skipped();
    expect(await gate.pass()).toBe(true);
  });

  it('counts those that fail together as one failure', async () => {
    const gate = createGate({ firstMs: 50, maxMs: 60_000 });
    for (let index = 0; index < 20; index++) gate.failed();
    const startedAt = Date.now();
    await gate.pass();
    expect(Date.now() - startedAt).toBeLessThan(1_000);
  });

  it('keeps the time that it was told, unless circumstances change', async () => {
    const gate = createGate(pauses);
    gate.failed(60_000);
    const passed = gate.pass();
    await delay(30);
    gate.reset();
    expect(await passed).toBe(true);
  });

  it('sends everybody away when it is stopped', async () => {
    const gate = createGate(pauses);
    gate.failed(60_000);
    const passed = gate.pass();
    gate.stop();
    expect(await passed).toBe(false);
  });
});

describe('pauseAfter', () => {
  it('grows to its limit and never beyond, with some chance in it', () => {
    const of = (failures: number) => Array.from({ length: 50 }, () => pauseAfter(failures, { firstMs: 1_000, maxMs: 60_000 }));
    expect(Math.max(...of(1))).toBeLessThanOrEqual(1_000);
    expect(Math.min(...of(4))).toBeGreaterThanOrEqual(4_000);
    expect(Math.max(...of(1_000))).toBeLessThanOrEqual(60_000);
    expect(Math.min(...of(1_000))).toBeGreaterThanOrEqual(30_000);
    expect(new Set(of(1)).size).toBeGreaterThan(1);
  });
});

describe('chooseConversation', () => {
  const conversations = (...statuses: string[]) => statuses.map((status, index) => ({ id: index + 1, inbox_id: 1, status }));
  const reopen = { reopenResolved: true, startAsPending: false };
  const fresh = { reopenResolved: false, startAsPending: false };

  it.each([
    ['the latest, though it is resolved', reopen, ['resolved', 'open'], 1],
    ['the latest that is not resolved', fresh, ['resolved', 'open'], 2],
    ['a pending one as it is', fresh, ['pending'], 1],
    ['a snoozed one as it is', fresh, ['resolved', 'snoozed'], 2],
    ['a new one where all are resolved', fresh, ['resolved', 'resolved'], undefined],
    ['a new one where there is none', reopen, [], undefined],
  ])('takes %s', (_name, rules, statuses, id) => {
    expect(chooseConversation(conversations(...statuses), rules)?.id).toBe(id);
  });
});
