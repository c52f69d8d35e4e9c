import { expect, it } from 'vitest';
import { createCircuitBreaker } from '../../bridge/relay/to-chatwoot/circuit-breaker.ts';
import { useVirtualTime } from '../support/virtual-time.ts';

const { pass } = useVirtualTime();

/** A breaker, and who has got through it. */
function createBreaker() {
  const breaker = createCircuitBreaker({ firstMs: 1_000, maxMs: 60_000, jitter: 0 });
  const through: string[] = [];
  const ask = (name: string) => void breaker.pass().then((may) => may && through.push(name));
  return { breaker, through, ask };
}

it('what fails while nothing is let through says nothing new: neither the pause nor the count grows', async () => {
  const { breaker, through, ask } = createBreaker();
  breaker.failed();
  await pass(500);
  breaker.failed();
  breaker.failed();
  ask('a');
  await pass(499);
  expect(through).toEqual([]);
  await pass(1);
  expect(through).toEqual(['a']);
});

it('each try that fails doubles the pause, and one that gets through ends it', async () => {
  const { breaker, through, ask } = createBreaker();
  breaker.failed();
  ask('a');
  await pass(1_000);
  breaker.failed();
  ask('b');
  ask('c');
  await pass(1_999);
  expect(through).toEqual(['a']);
  await pass(1);
  expect(through).toEqual(['a', 'b']);
  await pass(60_000);
  expect(through).toEqual(['a', 'b']);
  breaker.succeeded();
  await pass(0);
  expect(through).toEqual(['a', 'b', 'c']);
  breaker.failed();
  ask('d');
  await pass(1_000);
  expect(through).toEqual(['a', 'b', 'c', 'd']);
});

it('a time that is told counts from the end of the try, and is no shorter than the pause', async () => {
  const { breaker, through, ask } = createBreaker();
  breaker.failed(5_000);
  ask('a');
  await pass(4_999);
  expect(through).toEqual([]);
  await pass(1);
  breaker.failed(10);
  ask('b');
  await pass(1_999);
  expect(through).toEqual(['a']);
  await pass(1);
  expect(through).toEqual(['a', 'b']);
});

it('who was under way when it closed and fails after the pause, while nobody tries, begins the next pause', async () => {
  const { breaker, through, ask } = createBreaker();
  breaker.failed();
  await pass(1_000);
  breaker.failed();
  ask('a');
  await pass(1_999);
  expect(through).toEqual([]);
  await pass(1);
  expect(through).toEqual(['a']);
});

it('a failure after something got through counts anew, though the time that was told is not over', async () => {
  const { breaker, through, ask } = createBreaker();
  breaker.failed(60_000);
  breaker.succeeded();
  breaker.failed();
  ask('a');
  await pass(999);
  expect(through).toEqual([]);
  await pass(1);
  expect(through).toEqual(['a']);
});
