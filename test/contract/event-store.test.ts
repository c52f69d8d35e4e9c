import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEventStore, type StoreEvent } from '../../api/events/event-store.ts';
import { createId, createToken, hashToken } from '../../shared/auth/tokens.ts';
import { createDatabase, type Database } from '../../shared/database/database.ts';
import type { NewEvent } from '../../shared/events/queries/store-event.ts';
import { createTestDatabase } from '../support/database.ts';
import { holdRow } from '../support/held-row.ts';
import { statementsOf } from '../support/statements.ts';

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
let store: StoreEvent;
const account = createId('acc');

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = createDatabase({ url: testDatabase.url });
  store = createEventStore(database.pool);
  await database.prisma.account.create({ data: { id: account, name: 'Acme', tokenHash: hashToken(createToken('account')) } });
});
afterAll(async () => {
  await database.stop();
  await testDatabase.drop();
});

/** An instance whose events somebody will fetch, unless it is to be one that nobody has activated. */
async function newInstance(isActivated = true): Promise<string> {
  const id = createId('ins');
  const name = `phone-${randomBytes(4).toString('hex')}`;
  await database.prisma.instance.create({
    data: { id, accountId: account, name, tokenHash: hashToken(createToken('instance')) },
  });
  if (isActivated)
    await database.prisma.activation.create({
      data: {
        ...{ id: createId('act'), instanceId: id, requestHash: id, settings: {}, chatwootToken: 'x' },
        deadlineAt: new Date(Date.now() + 60_000),
      },
    });
  return id;
}
const event = (instanceId: string, key: string, more: Partial<NewEvent> = {}): NewEvent => ({
  ...{ instanceId, dedupeKey: key, chat: '5511999990001', payload: JSON.stringify({ key, text: 'Olá, "Ana" \\ 🙂' }) },
  ...{ outline: null, engineKind: 'ryzeapi', showsConnection: true, ...more },
});
const stored = (instanceId: string) =>
  database.prisma.engineEvent.findMany({ where: { instanceId }, orderBy: { sequence: 'asc' } });

describe('events that come at the same moment', () => {
  it('are stored with a statement or two, each instance in its own order and without a gap', async () => {
    const instances = await Promise.all([newInstance(), newInstance(), newInstance()]);
    const { result, names } = await statementsOf(database.pool, () =>
      Promise.all(Array.from({ length: 30 }, (_, index) => store(event(instances[index % 3] ?? '', `key-${index}`)))),
    );
    expect(new Set(result)).toEqual(new Set(['stored']));
    expect(names).toEqual(['store_events', 'store_events']);
    for (const [at, instance] of instances.entries()) {
      const events = await stored(instance);
      expect(events.map(({ sequence }) => Number(sequence))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
      expect(events.map(({ dedupeKey }) => dedupeKey)).toEqual(Array.from({ length: 10 }, (_, index) => `key-${index * 3 + at}`));
      expect(events[0]?.payload).toBe(event(instance, `key-${at}`).payload);
      expect(events[0]?.payloadBytes).toBe(Buffer.byteLength(event(instance, `key-${at}`).payload));
      const row = await database.prisma.instance.findUniqueOrThrow({ where: { id: instance } });
      expect(row).toMatchObject({ lastSequence: 10n, connectionState: 'connected' });
    }
  });

  it('are each told what became of them: stored once, whichever of them is there twice, and unwanted where nobody fetches them', async () => {
    const [instance, nobodys] = [await newInstance(), await newInstance(false)];
    await store(event(instance, 'before'));
    const answers = await Promise.all(
      [
        event(instance, 'first'),
        event(instance, 'before'),
        event(instance, 'twice'),
        event(nobodys, 'first'),
        event(instance, 'twice'),
        event('ins_gone', 'first'),
      ].map(store),
    );
    expect(answers).toEqual(['stored', 'duplicate', 'stored', 'unwanted', 'duplicate', 'unwanted']);
    expect((await stored(instance)).map(({ dedupeKey }) => dedupeKey)).toEqual(['before', 'first', 'twice']);
    expect(await stored(nobodys)).toEqual([]);
  });

  it('do not wait for an instance whose row somebody holds', async () => {
    const [held, other, third] = [await newInstance(), await newInstance(), await newInstance()];
    const release = await holdRow(database.pool, 'instances', held);
    let isStored = false;
    const waiting = store(event(held, 'late')).finally(() => {
      isStored = true;
    });
    expect(await Promise.all([store(event(other, 'key')), store(event(third, 'key'))])).toEqual(['stored', 'stored']);
    expect(isStored).toBe(false);
    await release();
    expect(await waiting).toBe('stored');
  });

  it('keep the order of their instance, though some are large and somebody holds its row meanwhile', async () => {
    const [held, free] = [await newInstance(), await newInstance()];
    const isLarge = (index: number): boolean => index % 3 === 1;
    const some = (instance: string, from: number) =>
      Array.from({ length: 9 }, (_, index) => {
        const text = isLarge(index) ? 'x'.repeat(20_000) : 'x';
        return store(event(instance, `key-${from + index}`, { payload: JSON.stringify({ text }) }));
      });
    const release = await holdRow(database.pool, 'instances', held);
    const first = [...some(held, 0), ...some(free, 0)];
    expect(await Promise.all(first.slice(9))).toEqual(Array(9).fill('stored'));
    const second = some(held, 9);
    await release();
    const third = some(held, 18);
    expect(new Set(await Promise.all([...first, ...second, ...third]))).toEqual(new Set(['stored']));
    const keysOf = async (instance: string) => (await stored(instance)).map(({ dedupeKey }) => dedupeKey);
    expect(await keysOf(free)).toEqual(Array.from({ length: 9 }, (_, index) => `key-${index}`));
    expect(await keysOf(held)).toEqual(Array.from({ length: 27 }, (_, index) => `key-${index}`));
  });

  it('are stored though one among them is what PostgreSQL refuses', async () => {
    const instance = await newInstance();
    const answers = await Promise.allSettled(
      [event(instance, 'first'), event(instance, 'a\0b'), event(instance, 'last')].map(store),
    );
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await stored(instance)).map(({ dedupeKey }) => dedupeKey)).toEqual(['first', 'last']);
  });

  it('are stored by themselves where they are large, as the bytes that they came in', async () => {
    const instance = await newInstance();
    const large = Buffer.from(JSON.stringify({ text: 'ã'.repeat(20_000) }));
    const { result, names } = await statementsOf(database.pool, () =>
      store(event(instance, 'large', { payload: large, outline: '{"a":1}' })),
    );
    expect([result, ...names]).toEqual(['stored', 'store_event']);
    expect(await stored(instance)).toMatchObject([{ payload: large.toString(), outline: '{"a":1}', payloadBytes: large.length }]);
  });

  it('of an instance without a connection state fade its longest silence as if they had come one by one', async () => {
    const [together, single] = [await newInstance(), await newInstance()];
    await database.prisma.instance.updateMany({
      where: { id: { in: [together, single] } },
      data: { usualSilence: 1_000_000, lastEventAt: new Date() },
    });
    const keys = ['a', 'b', 'c', 'd'];
    await store(event(together, 'first', { showsConnection: false }));
    await Promise.all(keys.map((key) => store(event(together, key, { showsConnection: false }))));
    for (const key of ['first', ...keys]) await store(event(single, key, { showsConnection: false }));
    const silenceOf = async (id: string) => (await database.prisma.instance.findUniqueOrThrow({ where: { id } })).usualSilence;
    expect(await silenceOf(together)).toBeCloseTo(await silenceOf(single), 3);
    expect(await silenceOf(together)).toBeCloseTo(1_000_000 * 0.995 ** 5, 3);
    expect(await database.prisma.instance.findUniqueOrThrow({ where: { id: together } })).toMatchObject({ connectionState: '' });
  });
});
