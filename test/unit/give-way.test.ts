import { expect, it, vi } from 'vitest';
import type { ApiRequest, ApiResponse } from '../../api/http/context.ts';
import { createGiveWay } from '../../api/http/give-way.ts';

const SET = { method: 'POST', path: '/chatwoot/set/shop' };
const LIST = { method: 'GET', path: '/chatwoot/list/shop' };

/** A request of an account, or of nobody that is known, as it comes once the caller has been looked for. */
function ask(
  giveWay: ReturnType<typeof createGiveWay>,
  accountId: string | undefined,
  request: typeof SET,
  go: () => void,
): void {
  const caller = accountId === undefined ? { kind: 'unknown' } : { kind: 'account', accountId };
  void giveWay(request as ApiRequest, { locals: { caller } } as unknown as ApiResponse, go);
}
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
/** Computes for so long, as whatever else the process does would. */
const work = (ms: number): void => {
  for (const until = performance.now() + ms; performance.now() < until; );
};

it('of a crowd that waits for a Chatwoot lets in two at once, and the others, their accounts in turns, only while the process has little to do', async () => {
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

it('holds up no crowd where nobody else is there, and nobody who is not known', () => {
  const giveWay = createGiveWay({ patientForMs: 60_000 });
  const letIn = vi.fn();
  for (let index = 0; index < 20; index += 1) ask(giveWay, 'crowd', SET, letIn);
  expect(letIn).toHaveBeenCalledTimes(20);
  ask(giveWay, 'other', LIST, () => {});
  for (let index = 0; index < 20; index += 1) ask(giveWay, undefined, SET, letIn);
  expect(letIn).toHaveBeenCalledTimes(40);
});

it('holds up nobody of a few', async () => {
  const giveWay = createGiveWay({ patientForMs: 60_000 });
  const letIn = vi.fn();
  ask(giveWay, 'other', LIST, () => {});
  for (const path of ['/chatwoot/set/a', '/instance/new']) ask(giveWay, 'one', { method: 'POST', path }, letIn);
  expect(letIn).toHaveBeenCalledTimes(2);
});
