import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { claimEvents, type Room } from '../../api/stream/queries/claim-events.ts';
import { createId } from '../../shared/auth/tokens.ts';
import { createDatabase, type Database } from '../../shared/database/database.ts';
import { createTestDatabase } from '../support/database.ts';

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
const account = createId('acc');

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = createDatabase({ url: testDatabase.url });
  await database.prisma.account.create({ data: { id: account, name: 'Acme', tokenHash: 'x' } });
});
afterAll(async () => {
  await database.stop();
  await testDatabase.drop();
});

interface Waiting {
  readonly chat: string;
  readonly bytes?: number;
  readonly outline?: string;
  readonly isAcknowledged?: boolean;
  readonly wasSent?: boolean;
}

/** An instance with these events, of which the first has the sequence 1. */
async function instanceWith(events: readonly Waiting[]): Promise<string> {
  const id = createId('ins');
  await database.prisma.instance.create({ data: { id, accountId: account, name: id, tokenHash: id } });
  await database.prisma.engineEvent.createMany({
    data: events.map(({ chat, bytes = 100, outline = null, isAcknowledged = false, wasSent = false }, index) => ({
      ...{ instanceId: id, sequence: BigInt(index + 1), dedupeKey: `key-${index}`, chat, payload: `{"n":${index}}`, outline },
      ...{ payloadBytes: bytes, engineKind: 'ryzeapi' },
      ackedAt: isAcknowledged ? new Date() : null,
      firstSentAt: wasSent ? new Date() : null,
    })),
  });
  return id;
}
const room = (instanceId: string, more: Partial<Room> = {}): Room => ({
  ...{ instanceId, except: [], underWay: new Map(), events: 128, eventsOfChat: 16, bytes: 1_048_576, outlines: true },
  ...more,
});

const CASES: readonly { readonly waiting: readonly Waiting[]; readonly of?: Partial<Room>; readonly claimed: number[] }[] = [
  { waiting: [], claimed: [] },
  { waiting: [{ chat: 'a' }, { chat: 'b' }, { chat: 'a' }], claimed: [1, 2, 3] },
  { waiting: [{ chat: 'a', isAcknowledged: true }, { chat: 'a', wasSent: true }, { chat: 'b' }], claimed: [2, 3] },
  { waiting: [{ chat: 'a' }, { chat: 'b' }, { chat: 'a' }], of: { except: [1, 3], underWay: new Map([['a', 2]]) }, claimed: [2] },
  {
    waiting: [{ chat: 'a' }, { chat: 'a' }, { chat: 'a' }, { chat: 'b' }],
    of: { except: [1], underWay: new Map([['a', 1]]), eventsOfChat: 2 },
    claimed: [2, 4],
  },
  {
    waiting: [{ chat: 'full' }, { chat: 'b' }],
    of: { except: [9, 10], underWay: new Map([['full', 2]]), eventsOfChat: 2 },
    claimed: [2],
  },
  { waiting: Array.from({ length: 6 }, () => ({ chat: 'a' })), of: { events: 4 }, claimed: [1, 2, 3, 4] },
  {
    waiting: [
      { chat: 'a', bytes: 60 },
      { chat: 'b', bytes: 50 },
      { chat: 'c', bytes: 10 },
    ],
    of: { bytes: 100 },
    claimed: [1],
  },
  { waiting: [{ chat: 'a', bytes: 500 }, { chat: 'b' }], of: { bytes: 100 }, claimed: [1] },
  { waiting: [{ chat: 'a', bytes: 500 }, { chat: 'b' }], of: { bytes: 100, except: [7] }, claimed: [] },
  { waiting: [{ chat: 'a', bytes: 2_000_000, outline: '{"o":1}' }, { chat: 'b' }], claimed: [1, 2] },
  { waiting: [{ chat: 'a', bytes: 2_000_000, outline: '{"o":1}' }, { chat: 'b' }], of: { outlines: false }, claimed: [1] },
  { waiting: [{ chat: `"{quoted},'\\ ${'x'.repeat(40)}` }], claimed: [1] },
];

describe('what waits in several instances, claimed with one statement', () => {
  it('is what each would be given alone, in order, with what is told of it', async () => {
    const [together, alone] = await Promise.all(
      [CASES, CASES].map((cases) => Promise.all(cases.map(async ({ waiting, of }) => room(await instanceWith(waiting), of)))),
    );
    const claimed = await claimEvents(database.pool, together ?? []);
    const single = [];
    for (const one of alone ?? []) single.push(...(await claimEvents(database.pool, [one])));
    expect(claimed.map(({ events }) => events.map(({ sequence }) => sequence))).toEqual(CASES.map((one) => one.claimed));
    expect(claimed).toEqual(single);
    expect(claimed[2]?.events).toMatchObject([{ redelivered: true }, { redelivered: false, payload: '{"n":2}' }]);
    expect(claimed[10]?.events).toMatchObject([{ isOutline: true, payload: '{"o":1}' }, { isOutline: false }]);
    expect(claimed[11]?.events).toMatchObject([{ isOutline: false, payload: '{"n":0}', bytes: 2_000_000 }]);
    // A full chat may hide more, and so may a full window.
    expect(claimed.map(({ isAll }) => isAll)).toEqual([
      ...[true, true, true, true, false, false, false, false, false, false, true, false, true],
    ]);
  });

  it('is handed out again to whoever asks for the same instance behind another, as delivered before', async () => {
    const [twice, other] = [await instanceWith([{ chat: 'a' }]), await instanceWith([{ chat: 'a' }])];
    const claimed = await claimEvents(database.pool, [room(twice), room(other), room(twice)]);
    expect(claimed.map(({ events }) => events.map(({ redelivered }) => redelivered))).toEqual([[false], [false], [true]]);
  });
});
