import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createConversationAddresses } from '../../bridge/relay/to-chatwoot/conversation-addresses.ts';
import { createHomes } from '../../bridge/relay/to-chatwoot/homes.ts';
import { createShelf } from '../../bridge/relay/to-chatwoot/memory.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('what a relay remembers', () => {
  it('is read once, until it is dropped or has been there for five minutes', async () => {
    const shelf = createShelf<string>();
    const read = vi.fn(async () => 'known');
    expect([await shelf.read('a', read), await shelf.read('a', read)]).toEqual(['known', 'known']);
    expect(read).toHaveBeenCalledTimes(1);
    shelf.drop((_value, key) => key === 'b');
    await shelf.read('a', read);
    expect(read).toHaveBeenCalledTimes(1);
    shelf.drop();
    await shelf.read('a', read);
    expect(read).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(300_000);
    await shelf.read('a', read);
    expect(read).toHaveBeenCalledTimes(3);
  });

  it('is nothing that was read while something was written', async () => {
    const shelf = createShelf<string>();
    const reading = shelf.read('a', async () => {
      shelf.drop(() => false);
      return 'of before';
    });
    expect(await reading).toBe('of before');
    expect(await shelf.read('a', async () => 'of now')).toBe('of now');
  });

  it('is forgotten five minutes after the first of it was read, though the timer was not heard', () => {
    const shelf = createShelf<string>();
    vi.advanceTimersByTime(10_000);
    shelf.keep('a', 'of first');
    vi.advanceTimersByTime(299_999);
    shelf.keep('b', 'of last');
    expect([shelf.find('a'), shelf.find('b')]).toEqual(['of first', 'of last']);
    vi.advanceTimersByTime(1);
    expect([shelf.find('a'), shelf.find('b')]).toEqual([undefined, undefined]);
    // What is kept afterwards has its own five minutes.
    shelf.keep('c', 'of then');
    vi.advanceTimersByTime(299_999);
    expect(shelf.find('c')).toBe('of then');
    // A process that was stopped: time has passed, and no timer has run.
    const asleep = vi.spyOn(performance, 'now').mockReturnValue(performance.now() + 1);
    expect(shelf.find('c')).toBeUndefined();
    asleep.mockRestore();
  });

  it('takes nothing after all of it is forgotten: no timer, no value', () => {
    const shelf = createShelf<string>();
    shelf.keep('a', 'known');
    expect(vi.getTimerCount()).toBe(1);
    shelf.drop();
    expect(vi.getTimerCount()).toBe(0);
    shelf.keep('a', 'known');
    shelf.drop(() => true);
    shelf.keep('a', 'again');
    expect(vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(300_000);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is dropped where it concerns what has changed, and only there', () => {
    const shelf = createShelf<number>();
    shelf.keep('a', 1);
    shelf.keep('b', 2);
    shelf.keep('c', 3);
    shelf.drop((value, key) => value === 1 || key === 'b');
    expect(['a', 'b', 'c'].map(shelf.find)).toEqual([undefined, undefined, 3]);
  });

  it('is nothing that does not last', async () => {
    const shelf = createShelf<string>();
    await shelf.read(
      'a',
      async () => 'for now',
      () => false,
    );
    expect(await shelf.read('a', async () => 'read again')).toBe('read again');
  });

  it('is never more than two hundred of a kind', async () => {
    const shelf = createShelf<number>();
    for (let index = 0; index < 1_000; index += 1) shelf.keep(String(index), index);
    const kept = Array.from({ length: 1_000 }, (_, index) => shelf.find(String(index))).filter((value) => value !== undefined);
    expect(kept).toEqual(Array.from({ length: 200 }, (_, index) => 800 + index));
  });
});

describe('whose a conversation is', () => {
  const row = (address: string, wroteAt: Date | null) => ({ conversationId: 3, address, wroteAt });
  function addressesOf(rows: ReturnType<typeof row>[]) {
    const query = vi.fn(async () => ({ rows: [...rows] }));
    const database = { pool: { query }, prisma: {} } as unknown as Parameters<typeof createConversationAddresses>[0]['database'];
    return { query, addresses: createConversationAddresses({ database, integrationId: 'int_1' }) };
  }

  it('is read once, until somebody else writes there', async () => {
    const rows = [row('5511999990001', new Date(1))];
    const { query, addresses } = addressesOf(rows);
    await addresses.of([3]);
    addresses.wrote(3, '5511999990001');
    addresses.wrote(4, '5511999990002');
    expect((await addresses.of([3])).get(3)).toEqual(['5511999990001']);
    expect(query).toHaveBeenCalledTimes(1);
    rows.push(row('5511999990002', new Date(2)));
    addresses.wrote(3, '5511999990002');
    expect((await addresses.of([3])).get(3)).toEqual(['5511999990001', '5511999990002']);
  });

  it('is read each time where nobody has written yet: a reply to somebody may change it', async () => {
    const rows = [row('5511999990001', null)];
    const { addresses } = addressesOf(rows);
    await addresses.of([3]);
    rows.push(row('5511999990002', null));
    expect((await addresses.of([3])).get(3)).toEqual(['5511999990001', '5511999990002']);
  });
});

describe('the conversation of a chat', () => {
  const identity = { sourceId: '5511' } as Parameters<ReturnType<typeof createHomes>['find']>[0];
  const addressee = { contactId: 7, sourceId: '5511' };
  const reopenResolved = (value: boolean) => createHomes({ rules: () => ({ reopenResolved: value, startAsPending: false }) });
  const homeAt = (readAtMs: number, isOnly = true) => ({ id: 3, status: 'open', contactId: 7, isOnly, readAtMs });

  it('goes on without a question while resolved ones are reopened and the contact has no other', () => {
    const homes = reopenResolved(true);
    homes.keep(identity, homeAt(performance.now() + 1));
    expect(homes.find(identity, addressee, performance.now() + 60_000)?.id).toBe(3);
    expect(homes.find(identity, { ...addressee, contactId: 8 }, 0)).toBeUndefined();
    homes.keep(identity, homeAt(performance.now() + 1, false));
    expect(homes.find(identity, addressee, performance.now() + 60_000)).toBeUndefined();
  });

  it('is asked for where an agent may have resolved it since the message came', () => {
    const homes = reopenResolved(false);
    homes.keep(identity, homeAt(1_000));
    expect(homes.find(identity, addressee, 1_000)?.id).toBe(3);
    expect(homes.find(identity, addressee, 1_001)).toBeUndefined();
  });

  it('is asked for after another one has begun, also where that was while Chatwoot was asked', () => {
    const homes = reopenResolved(true);
    const readAtMs = performance.now();
    homes.keep(identity, homeAt(readAtMs));
    homes.dropContact(7);
    expect(homes.find(identity, addressee, 0)).toBeUndefined();
    homes.keep(identity, homeAt(readAtMs));
    expect(homes.find(identity, addressee, readAtMs + 1)).toBeUndefined();
  });

  it('is asked for of one chat after a message could not go there, and it is told whether it was known', () => {
    const homes = reopenResolved(true);
    const other = { ...identity, sourceId: '5522' };
    homes.keep(identity, homeAt(performance.now() + 1));
    homes.keep(other, homeAt(performance.now() + 1));
    expect([homes.drop(identity), homes.drop(identity)]).toEqual([true, false]);
    expect(homes.find(identity, addressee, 0)).toBeUndefined();
    expect(homes.find(other, addressee, 0)?.id).toBe(3);
  });

  it('of another contact stays known; none does once news may have been missed', () => {
    const homes = reopenResolved(true);
    homes.keep(identity, homeAt(performance.now() + 1));
    homes.dropContact(8);
    expect(homes.find(identity, addressee, 0)?.id).toBe(3);
    homes.dropAll();
    expect(homes.find(identity, addressee, 0)).toBeUndefined();
  });

  it('that the contact has beside another one is not gone on with because Chatwoot was asked later', () => {
    const homes = reopenResolved(true);
    homes.keep(identity, homeAt(performance.now() + 1, false));
    expect(homes.find(identity, addressee, performance.now() + 1)?.isOnly).toBe(false);
    expect(homes.find(identity, addressee, performance.now() + 2)).toBeUndefined();
  });
});
