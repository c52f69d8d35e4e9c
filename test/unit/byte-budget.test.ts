import { setImmediate as nextTurn } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { outlineOf } from '../../shared/engines/outline.ts';
import { hasFewValues, parseJson } from '../../shared/http/parse-json.ts';
import { budgetBytes, createByteBudget } from '../../shared/memory/byte-budget.ts';

describe('the budget of bytes in the air', () => {
  const settled = async (promise: Promise<void>): Promise<boolean> => {
    let is = false;
    void promise.then(() => {
      is = true;
    });
    await nextTurn();
    return is;
  };

  it('is between 64 and 256 MiB, whatever the machine has', () => {
    expect(budgetBytes()).toBeGreaterThanOrEqual(64 * 1_048_576);
    expect(budgetBytes()).toBeLessThanOrEqual(256 * 1_048_576);
  });

  it('refuses what does not fit, one account beyond half of it, and never what comes while nothing is held', () => {
    const budget = createByteBudget(100);
    const first = budget.open('a');
    expect(first.tryMore(500)).toBe(true);
    expect(budget.open('b').tryMore(1)).toBe(false);
    first.release();
    expect(budget.heldBytes()).toBe(0);
    expect([budget.open('a').tryMore(40), budget.open('a').tryMore(20), budget.open('b').tryMore(50)]).toEqual([
      true,
      false,
      true,
    ]);
    expect([budget.open('c').tryMore(20), budget.open('c').tryMore(10)]).toEqual([false, true]);
    expect(budget.heldBytes()).toBe(100);
  });

  it('lets what is being read wait, the one that began first never: two halves cannot wait for each other', async () => {
    const budget = createByteBudget(100);
    const [first, second, other] = [budget.open('a'), budget.open('b'), budget.open('c')];
    await first.more(50);
    await second.more(50);
    const waiting = second.more(10);
    const waitingToo = other.more(60);
    expect([await settled(waiting), await settled(waitingToo)]).toEqual([false, false]);
    await first.more(30);
    expect(budget.heldBytes()).toBe(130);
    first.release();
    // Now the second one is the first.
    expect([await settled(waiting), await settled(waitingToo)]).toEqual([true, false]);
    second.release();
    second.release();
    expect([await settled(waitingToo), budget.heldBytes()]).toEqual([true, 60]);
    other.release();
    expect(budget.heldBytes()).toBe(0);
  });

  it('leaves nobody waiting who has given up', async () => {
    const budget = createByteBudget(100);
    await budget.open('a').more(100);
    const late = budget.open('b');
    const waiting = late.more(50);
    late.release();
    expect([await settled(waiting), budget.heldBytes()]).toEqual([true, 100]);
  });
});

describe('JSON that is made to become gigabytes', () => {
  it('is not parsed, while a long text of the same size is', () => {
    const many = `[${'1,'.repeat(200_000)}1]`;
    const file = JSON.stringify({ base64: 'A'.repeat(400_000) });
    expect([hasFewValues(many), hasFewValues(Buffer.from(many)), parseJson(many)]).toEqual([false, false, undefined]);
    expect([hasFewValues(file), hasFewValues(Buffer.from(file))]).toEqual([true, true]);
    expect(parseJson(file)).toHaveProperty('base64');
    for (const text of ['[]', '{}']) expect(hasFewValues(`[${`${text},`.repeat(60_000)}${text}]`)).toBe(false);
  });
});

describe('the outline of an event', () => {
  const of = (payload: unknown) => outlineOf(payload, JSON.stringify(payload));

  it('keeps what it is and whose chat it belongs to, and never has over 64 KiB', () => {
    const chat = { event: 'message.received', data: { id: 'A', chat: { phone: '5511' } } };
    expect(of(chat)).toEqual({ kind: 'whole' });
    const file = { ...chat, media: { base64: 'A'.repeat(3_000_000) } };
    expect(of(file)).toEqual({ kind: 'outline', json: JSON.stringify({ ...chat, media: { base64: '' } }) });
    const list = { ...chat, ids: Array.from({ length: 5_000 }, () => 'B'.repeat(2_000)) };
    const outline = of(list);
    expect(outline.kind === 'outline' && outline.json.length).toBeLessThan(65_537);
    expect(outline.kind === 'outline' && JSON.parse(outline.json)).toMatchObject(chat);
  });

  it('is none for one that is made of many values', () => {
    expect(of(Object.fromEntries(Array.from({ length: 20_000 }, (_, index) => [`field${index}`, index])))).toEqual({
      kind: 'none',
    });
  });
});
