import { expect, it, vi } from 'vitest';
import type { ApiRequest, ApiResponse } from '../../api/http/context.ts';
import { createGiveWay } from '../../api/http/give-way.ts';

const SET = { method: 'POST', path: '/api/chatwoot/set/shop' };
const LIST = { method: 'GET', path: '/api/chatwoot/list/shop' };

/** A request with a token from an address. */
function ask(
  giveWay: ReturnType<typeof createGiveWay>,
  token: string,
  request: typeof SET,
  go: () => void,
  ip = '192.0.2.1',
): void {
  void giveWay({ ...request, headers: { token }, ip } as unknown as ApiRequest, {} as ApiResponse, go);
}
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
/** Computes for so long, as whatever else the process does would. */
const work = (ms: number): void => {
  for (const until = performance.now() + ms; performance.now() < until; );
};

it('of a crowd that waits for a Chatwoot lets in two at once, and the others, their tokens in turns, only while the process has little to do', async () => {
  const giveWay = createGiveWay({ patientForMs: 60_000 });
  const inside: string[] = [];
  const others = vi.fn();
  ask(giveWay, 'other', LIST, others);
  for (let index = 0; index < 20; index += 1) ask(giveWay, 'crowd', SET, () => inside.push('crowd'));
  ask(giveWay, 'single', SET, () => inside.push('single'));
  expect(inside).toEqual(['crowd', 'crowd']);
  // It is always busy, and whoever wants something else passes.
  for (let turn = 1; turn <= 15; turn += 1) {
    work(2);
    await nextTurn();
    ask(giveWay, 'other', LIST, others);
    expect(others).toHaveBeenCalledTimes(1 + turn);
  }
  expect(inside).toEqual(['crowd', 'crowd']);
  await expect.poll(() => inside.length).toBe(21);
  expect(inside.slice(2, 4)).toEqual(['crowd', 'single']);
});

it('lets in some of a crowd all the same where the process is never idle', async () => {
  const giveWay = createGiveWay();
  const letIn = vi.fn();
  const others = (): void => ask(giveWay, 'other', LIST, () => {});
  others();
  for (let index = 0; index < 6; index += 1) ask(giveWay, 'crowd', SET, letIn);
  for (const until = performance.now() + 10_000; letIn.mock.calls.length < 6 && performance.now() < until; ) {
    others();
    work(2);
    await nextTurn();
  }
  expect(letIn).toHaveBeenCalledTimes(6);
});

it('has strangers of one network, whatever tokens they make up, wait behind each other, and nobody of another behind them', async () => {
  const giveWay = createGiveWay({ patientForMs: 60_000 });
  const inside: string[] = [];
  ask(giveWay, 'other', LIST, () => {});
  for (let index = 0; index < 30; index += 1) ask(giveWay, `made-up-${index}`, SET, () => inside.push('stranger'));
  ask(giveWay, 'customer', SET, () => inside.push('customer'), '198.51.100.7');
  await expect.poll(() => inside.length).toBeGreaterThanOrEqual(4);
  expect(inside.slice(0, 4)).toContain('customer');
});

it('holds up no crowd where nobody else is there, and nobody beyond a thousand', () => {
  const giveWay = createGiveWay({ patientForMs: 60_000 });
  const letIn = vi.fn();
  for (let index = 0; index < 20; index += 1) ask(giveWay, 'crowd', SET, letIn);
  expect(letIn).toHaveBeenCalledTimes(20);
  ask(giveWay, 'other', LIST, () => {});
  const flood = vi.fn();
  for (let index = 0; index < 1_100; index += 1) ask(giveWay, `made-up-${index}`, SET, flood);
  expect(flood).toHaveBeenCalledTimes(100);
});

it('holds up nobody of a few', async () => {
  const giveWay = createGiveWay({ patientForMs: 60_000 });
  const letIn = vi.fn();
  ask(giveWay, 'other', LIST, () => {});
  for (const path of ['/api/chatwoot/set/a', '/api/instance/new']) ask(giveWay, 'one', { method: 'POST', path }, letIn);
  expect(letIn).toHaveBeenCalledTimes(2);
});
