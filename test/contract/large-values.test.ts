import { afterAll, beforeAll, expect, it } from 'vitest';
import { createDatabase, type Database } from '../../shared/database/database.ts';
import { createTestDatabase } from '../support/database.ts';

const MEBIBYTE = 1_048_576;

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = createDatabase({ url: testDatabase.url, poolSize: 1 });
});
afterAll(async () => {
  await database?.stop();
  await testDatabase?.drop();
});

const large = Buffer.from('ação "\\ 字'.repeat(300_000));
const other = Buffer.from('x'.repeat(2 * MEBIBYTE));

it.each([
  ['the first of several', [large, 'ß', 3, null]],
  ['the last of several', ['ß', 3, null, large]],
  ['one of two', [null, large, 'ß', other]],
  ['just not large', [Buffer.from('y'.repeat(MEBIBYTE)), 'ß', 3, null]],
])('a value of megabytes arrives as it was, prepared or not, and the connection goes on: %s', async (_what, values) => {
  const text = 'SELECT $1::text AS a, $2::text AS b, $3::text AS c, $4::text AS d';
  const expected = values.map((value) => (value === null ? null : String(value)));
  for (const name of [undefined, 'echo', 'echo']) {
    const { rows } = await database.pool.query<Record<string, string | null>>({
      text,
      values,
      ...(name === undefined ? {} : { name }),
    });
    expect(Object.values(rows[0] ?? {}).map((value, index) => value === expected[index])).toEqual([true, true, true, true]);
  }
  expect((await database.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});

it('a value of megabytes that the server refuses is refused as any other, and the connection goes on', async () => {
  await expect(database.pool.query('SELECT $1::text::integer', [large])).rejects.toMatchObject({ code: '22P02' });
  expect((await database.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
});
