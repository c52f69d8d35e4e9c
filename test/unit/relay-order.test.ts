import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createCircuitBreaker } from '../../bridge/relay/to-chatwoot/circuit-breaker.ts';
import { chooseConversation } from '../../bridge/relay/to-chatwoot/conversations.ts';
import { createKeyedQueue, type TryOutcome } from '../../bridge/relay/to-chatwoot/keyed-queue.ts';
import { waitFor } from '../support/wait-for.ts';

/** KeyedQueue whose every try is recorded, and whose items fail as often as they say. */
function createTried({ limit = 8, tryMs = 2 } = {}) {
  const tried: string[] = [];
  const done: string[] = [];
  let running = 0;
  let most = 0;
  const queue = createKeyedQueue<{ name: string; failures: number }>({
    limit,
    mayTry: () => Promise.resolve(true),
    inTurn: (work) => work(),
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
  return { queue, tried, done, most: () => most };
}

describe('the queue of chats', () => {
  it('keep the order within a chat over failures, and let the other chats pass', async () => {
    const { queue, done } = createTried();
    queue.push(['a'], { name: 'a1', failures: 10 });
    queue.push(['a'], { name: 'a2', failures: 1 });
    queue.push(['a'], { name: 'a3', failures: 0 });
    queue.push(['b'], { name: 'b1', failures: 0 });
    await waitFor(() => done.length === 4);
    expect(done).toEqual(['b1', 'a1', 'a2', 'a3']);
  });

  it('put under one order what is told under different addresses of one person', async () => {
    const { queue, done } = createTried();
    queue.push(['lid'], { name: '1', failures: 3 });
    queue.push(['number', 'lid'], { name: '2', failures: 0 });
    queue.push(['number'], { name: '3', failures: 0 });
    await waitFor(() => done.length === 3);
    expect(done).toEqual(['1', '2', '3']);
  });

  it('work on so many chats at a time and no more, and a chat that pauses takes up no room', async () => {
    const { queue, done, most } = createTried({ limit: 2 });
    for (let index = 0; index < 6; index++) queue.push([`stuck${index}`], { name: `s${index}`, failures: 1_000 });
    for (let index = 0; index < 6; index++) queue.push([`fine${index}`], { name: `f${index}`, failures: 0 });
    await waitFor(() => done.length === 6);
    expect(most()).toBe(2);
    await queue.stop();
  });

  it('begin nothing after they were stopped, and wait for what is under way', async () => {
    const { queue, tried, done } = createTried({ tryMs: 200 });
    queue.push(['a'], { name: 'a1', failures: 0 });
    queue.push(['a'], { name: 'a2', failures: 0 });
    await waitFor(() => tried.length === 1);
    await queue.stop();
    expect(done).toEqual(['a1']);
    queue.push(['b'], { name: 'b1', failures: 0 });
    await delay(10);
    expect(tried).toEqual(['a1']);
  });
});

describe('a lane of the queue of chats', () => {
  it('ends where nothing may be tried any more, without asking again', async () => {
    let asked = 0;
    const queue = createKeyedQueue<string>({
      limit: 1,
      mayTry: async () => {
        asked += 1;
        return false;
      },
      inTurn: (work) => work(),
      tryFirst: () => Promise.reject(new Error('it was tried')),
    });
    queue.push(['a'], 'a1');
    await waitFor(() => asked > 0);
    await delay(50);
    expect(asked).toBe(1);
    await queue.stop();
  });

  it('does not hold up the stop by its pause', async () => {
    let tries = 0;
    const queue = createKeyedQueue<string>({
      limit: 1,
      mayTry: () => Promise.resolve(true),
      inTurn: (work) => work(),
      tryFirst: async () => {
        tries += 1;
        return { retryAfterMs: 3_600_000 };
      },
    });
    queue.push(['a'], 'a1');
    await waitFor(() => tries === 1);
    await queue.stop();
    expect(tries).toBe(1);
  });

  it('keeps an address that another one is told with, until it is empty', async () => {
    const { queue, done } = createTried();
    queue.push(['a'], { name: 'a1', failures: 0 });
    queue.push(['b'], { name: 'b1', failures: 10 });
    queue.push(['a', 'b'], { name: 'a2', failures: 0 });
    queue.push(['b'], { name: 'b2', failures: 0 });
    await waitFor(() => done.length === 4);
    expect(done).toEqual(['a1', 'a2', 'b1', 'b2']);
  });
});

describe('the circuit breaker of a Chatwoot', () => {
  const pauses = { firstMs: 20, maxMs: 200 };

  it('lets a single one through after a pause, and all of them once that got through', async () => {
    const breaker = createCircuitBreaker(pauses);
    breaker.failed();
    const passed: number[] = [];
    for (let index = 0; index < 5; index++) void breaker.pass().then(() => passed.push(index));
    await waitFor(() => passed.length > 0);
    await delay(50);
    expect(passed).toHaveLength(1);
    breaker.succeeded();
    await waitFor(() => passed.length === 5);
    expect(await breaker.pass()).toBe(true);
  });

  it('lets the next one see when the first had no need to', async () => {
    const breaker = createCircuitBreaker(pauses);
    breaker.failed();
    await breaker.pass();
    breaker.skipped();
    expect(await breaker.pass()).toBe(true);
  });

  it('counts those that fail together as one failure', async () => {
    const breaker = createCircuitBreaker({ firstMs: 50, maxMs: 60_000 });
    for (let index = 0; index < 20; index++) breaker.failed();
    const startedAt = Date.now();
    await breaker.pass();
    expect(Date.now() - startedAt).toBeLessThan(1_000);
  });

  it('keeps the time that it was told, unless circumstances change', async () => {
    const breaker = createCircuitBreaker(pauses);
    breaker.failed(60_000);
    const passed = breaker.pass();
    await delay(30);
    breaker.reset();
    expect(await passed).toBe(true);
  });

  it('sends everybody away when it is stopped', async () => {
    const breaker = createCircuitBreaker(pauses);
    breaker.failed(60_000);
    const passed = breaker.pass();
    breaker.stop();
    expect(await passed).toBe(false);
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

  it('takes no twin in which nobody has written anything, and which was resolved for that, unless there is nothing else', () => {
    const empty = { id: 1, inbox_id: 1, status: 'resolved', last_non_activity_message: null };
    const written = { id: 2, inbox_id: 1, status: 'resolved', last_non_activity_message: {} };
    expect(chooseConversation([empty, written], reopen)).toBe(written);
    expect(chooseConversation([empty], reopen)).toBe(empty);
  });
});
