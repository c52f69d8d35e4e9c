import { expect, it } from 'vitest';
import { createTurnOrder } from '../../shared/turn-order.ts';

function all<Item>(order: ReturnType<typeof createTurnOrder<Item>>): Item[] {
  const taken: Item[] = [];
  for (let item = order.take(); item !== undefined; item = order.take()) taken.push(item);
  return taken;
}

it('who comes with one waits for a turn or two, behind fifty who come with ten each', () => {
  const order = createTurnOrder<string>();
  for (let index = 0; index < 500; index += 1) order.add(`loud ${index % 50}`, 'loud');
  expect([order.take(), order.take(), order.take()]).toEqual(['loud', 'loud', 'loud']);
  order.add('quiet', 'quiet');
  expect([order.take(), order.take()]).toContain('quiet');
});

it('goes on with each of those who want much, though others who want little come again and again', () => {
  const order = createTurnOrder<string>();
  for (const name of ['a', 'b']) for (let index = 0; index < 10; index += 1) order.add(name, name);
  const taken: (string | undefined)[] = [];
  for (let turn = 0; turn < 40; turn += 1) {
    order.add(`little ${turn}`, 'little');
    taken.push(order.take());
  }
  // What came first comes round, and what wants little is never far behind.
  expect(taken.filter((name) => name === 'a' || name === 'b').length).toBeGreaterThan(5);
  expect(taken.filter((name) => name === 'little').length).toBeGreaterThan(20);
});

it('hands out everything once, of each owner in the order in which it came', () => {
  const order = createTurnOrder<string>();
  for (let index = 0; index < 30; index += 1) order.add(String(index % 3), `${index % 3}.${index}`);
  const taken = all(order);
  expect(taken).toHaveLength(30);
  for (const owner of ['0', '1', '2']) {
    const own = taken.filter((item) => item.startsWith(`${owner}.`)).map((item) => Number(item.slice(2)));
    expect(own).toEqual(own.toSorted((left, right) => left - right));
  }
  expect(order.take()).toBeUndefined();
});
