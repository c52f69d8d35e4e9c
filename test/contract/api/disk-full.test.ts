import { afterAll, beforeAll, expect, test } from 'vitest';
import { createFullnessWatch } from '../../../shared/database/disk-full.ts';
import { call, createHarness, type Harness, newInstance } from './harness.ts';

/** As PostgreSQL says it; what fills a real disk would fill everybody's. */
const REASON = 'could not extend file "base/16384/16500": No space left on device';

let harness: Harness;
beforeAll(async () => {
  harness = await createHarness('postgres');
  await harness.pool.query(`
    CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION USING ERRCODE = '53100', MESSAGE = '${REASON}'; END $$`);
});
afterAll(() => harness.stop());

test('a disk without room: the client is told to come back, the log why, and /readyz what is wrong', async () => {
  const api = await harness.startApi();
  const { token } = await harness.createAccount();
  await newInstance(api.url, token, 'suporte');
  expect((await call(api.url, 'GET', '/readyz')).body.checks.database).toBe('ok');
  await harness.pool.query('CREATE TRIGGER no_room BEFORE INSERT ON instances EXECUTE FUNCTION no_room()');
  const refused = await call(api.url, 'POST', '/api/instance/new', { token, body: { name: 'another' } });
  expect([refused.status, refused.body.error.code]).toEqual([503, 'database_unavailable']);
  expect(harness.log()).toContain(JSON.stringify(REASON).slice(1, -1));
  // The latest answer of /readyz may be a second old.
  await expect
    .poll(async () => (await call(api.url, 'GET', '/readyz')).body, { timeout: 20_000 })
    .toMatchObject({
      status: 'unready',
      checks: { database: 'disk full' },
    });
});

test('a full disk is told of until half a minute after the last write that it had no room for', () => {
  let nowMs = 0;
  const watch = createFullnessWatch(() => nowMs);
  watch.note('23505');
  expect(watch.isFull()).toBe(false);
  for (const atMs of [0, 20_000]) {
    nowMs = atMs;
    watch.note('53100');
  }
  const fullAt = (atMs: number): boolean => {
    nowMs = atMs;
    return watch.isFull();
  };
  expect([49_999, 50_000].map(fullAt)).toEqual([true, false]);
});
