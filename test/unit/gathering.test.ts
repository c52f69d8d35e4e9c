import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { createGathering } from '../../shared/gathering.ts';
import { waitFor } from '../support/wait-for.ts';

/** Longer than any of this takes. */
const NEVER_MS = 600_000;

/** Queries that are answered when they are told to. */
function scene(limits: { width: number; most: number; silentMs?: number }) {
  const queries: { questions: readonly number[]; answer(): void; fail(error?: Error): void }[] = [];
  const ask = createGathering<number, string>({
    silentMs: NEVER_MS,
    ...limits,
    ask: (questions) =>
      new Promise((resolve, reject) => {
        queries.push({
          questions,
          answer: () => resolve(questions.map((question) => `answer to ${question}`)),
          fail: (error = new Error('away')) => reject(error),
        });
      }),
  });
  const asked = () => queries.map(({ questions }) => questions);
  /** Behind a query of several the next one waits for a moment. */
  const query = (nth: number) => waitFor(() => queries[nth], { describe: `query ${nth}`, intervalMs: 1 });
  return { ask, queries, query, asked };
}
const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('questions that come at the same time', () => {
  it('are asked at once while there is room, and then together: each gets its own answer', async () => {
    const { ask, queries, asked } = scene({ width: 2, most: 3 });
    const answers = Promise.all([1, 2, 3, 4, 5, 6].map(ask));
    expect(asked()).toEqual([[1], [2]]);
    queries[0]?.answer();
    await settled();
    expect(asked().slice(2)).toEqual([[3, 4, 5]]);
    queries[1]?.answer();
    await settled();
    expect(asked().slice(3)).toEqual([[6]]);
    for (const { answer } of queries) answer();
    expect(await answers).toEqual([1, 2, 3, 4, 5, 6].map((question) => `answer to ${question}`));
    void ask(7);
    expect(asked().at(-1)).toEqual([7]);
  });

  it('fail together, and those after them are asked all the same', async () => {
    const { ask, queries, query } = scene({ width: 1, most: 2 });
    const [first, second, third] = [ask(1), ask(2), ask(3)];
    queries[0]?.answer();
    expect(await first).toBe('answer to 1');
    queries[1]?.fail();
    await expect(Promise.allSettled([second, third])).resolves.toMatchObject([{ status: 'rejected' }, { status: 'rejected' }]);
    const fourth = ask(4);
    (await query(2)).answer();
    expect(await fourth).toBe('answer to 4');
  });

  it('gather for a moment more where several were asked at a time; one alone never waits', async () => {
    const { ask, queries, query, asked } = scene({ width: 1, most: 10 });
    for (const question of [1, 2]) {
      const answer = ask(question);
      expect(asked().at(-1)).toEqual([question]);
      queries.at(-1)?.answer();
      await answer;
      await settled();
    }
    const answers = [3, 4, 5].map(ask);
    expect(asked().at(-1)).toEqual([3]);
    queries[2]?.answer();
    (await query(3)).answer();
    await Promise.all(answers);
    const [next, afterNext] = [ask(6), ask(7)];
    expect(asked()).toHaveLength(4);
    (await query(4)).answer();
    expect(await Promise.all([next, afterNext])).toEqual(['answer to 6', 'answer to 7']);
    expect(asked()).toEqual([[1], [2], [3], [4, 5], [6, 7]]);
  });

  it('are asked one by one where PostgreSQL refuses what one of them says: none fails for what another one asks', async () => {
    const { ask, queries, query, asked } = scene({ width: 1, most: 3 });
    const refused = Object.assign(new pg.DatabaseError('integer out of range', 0, 'error'), { code: '22003' });
    const first = ask(1);
    const others = Promise.allSettled([2, 3, 4].map(ask));
    queries[0]?.answer();
    await first;
    queries[1]?.fail(refused);
    await settled();
    queries[2]?.answer();
    await settled();
    queries[3]?.fail(refused);
    await settled();
    queries[4]?.answer();
    expect(await others).toMatchObject([{ value: 'answer to 2' }, { reason: refused }, { value: 'answer to 4' }]);
    expect(asked()).toEqual([[1], [2, 3, 4], [2], [3], [4]]);
    const next = ask(5);
    (await query(5)).answer();
    expect(await next).toBe('answer to 5');
  });

  it('wait for nobody where nothing is answered', async () => {
    const { ask, queries, query, asked } = scene({ width: 1, most: 2, silentMs: 1 });
    const answers = Promise.all([1, 2, 3, 4].map(ask));
    await expect.poll(asked).toEqual([[1], [2, 3], [4]]);
    for (const { answer } of queries) answer();
    expect(await answers).toHaveLength(4);
    const later = ask(5);
    (await query(3)).answer();
    expect(await later).toBe('answer to 5');
  });
});
