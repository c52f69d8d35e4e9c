import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalAddress } from '../../bridge/relay/address.ts';
import type { Chat } from '../../shared/engines/event.ts';
import { createMemoryChatwoot, createMemoryRelay, type MemoryConversation } from '../support/memory-relay.ts';

/** Who lives in the world: two numbers and a @lid each, the first as two countries spell it. Nobody gets what was somebody else's. */
const PEOPLE = Array.from({ length: 4 }, (_, index) => ({
  numbers:
    index % 2 === 0 ? [`55118888000${index}`, `35191234560${index}`] : [`549112345670${index}`, `55119777700${index}${index}`],
  otherSpelling: index % 2 === 0 ? `551198888000${index}` : `54112345670${index}`,
  lid: `18000000000000${index}@lid`,
}));
const person = fc.nat({ max: PEOPLE.length - 1 });
/** Digits and names that other systems write, some of which are somebody's number. */
const foreign = fc.constantFrom(
  '12345678901',
  '8812',
  'crm-1',
  PEOPLE[0]?.numbers[0] ?? '',
  PEOPLE[1]?.numbers[1] ?? '',
  'a@b.example',
);
const which = fc.nat({ max: 50 });

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('writes' as const),
      by: person,
      as: fc.constantFrom('number' as const, 'lid' as const, 'both' as const),
      isSpelledOtherwise: fc.boolean(),
      /** Of whom the engine tells the @lid, where it is wrong. */
      lidOf: person,
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constant('replies' as const), in: which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('changesNumber' as const), by: person }) },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('imports' as const),
      phoneOf: fc.option(person, { nil: undefined }),
      identifier: fc.option(foreign, { nil: undefined }),
      sourceId: fc.option(foreign, { nil: undefined }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('begins' as const), with: which, at: which }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('merges' as const), base: which, mergee: which }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('edits' as const), contact: which, phoneOf: fc.option(person, { nil: undefined }) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('resolves' as const), in: which }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('reopens' as const), value: fc.boolean() }) },
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

const pick = <Item>(items: Iterable<Item>, index: number): Item | undefined => {
  const all = [...items];
  return all[index % Math.max(all.length, 1)];
};

/** Lives through these steps; `isHonest` is an engine that tells no lid beside somebody else's number. */
async function live(steps: readonly Step[], isHonest: boolean): Promise<void> {
  const chatwoot = createMemoryChatwoot();
  const relay = createMemoryRelay(chatwoot);
  const numberOf = PEOPLE.map(({ numbers }) => numbers[0] ?? '');
  /** By conversation: who has written in it, from which addresses, and who did last. */
  const wrote = new Map<number, { readonly addresses: Set<string>; readonly people: Set<number>; last: string }>();
  const holderOf = (address: string) =>
    PEOPLE.findIndex(
      ({ numbers, lid }) => lid === address || numbers.some((number) => canonicalAddress(number) === canonicalAddress(address)),
    );

  async function write({ by, as, isSpelledOtherwise, lidOf }: Step & { kind: 'writes' }): Promise<void> {
    const { numbers, otherSpelling } = PEOPLE[by] ?? { numbers: [], otherSpelling: '' };
    const current = numberOf[by] ?? '';
    const number = as === 'lid' ? undefined : isSpelledOtherwise && current === numbers[0] ? otherSpelling : current;
    // Alone the lid is always the writer's own: it is where the message comes from.
    const lid = as === 'number' ? undefined : PEOPLE[as === 'both' && !isHonest ? lidOf : by]?.lid;
    const chat: Chat = { type: 'private', address: number ?? lid ?? '', number, lid };
    const id = await relay.receive(chat);
    const entry = wrote.get(id) ?? { addresses: new Set(), people: new Set(), last: '' };
    entry.last = number ?? lid ?? '';
    entry.addresses.add(canonicalAddress(entry.last));
    entry.people.add(by);
    wrote.set(id, entry);
    if (isHonest) expect([...entry.people], 'who has written in one conversation').toEqual([by]);
  }

  function reply(conversation: MemoryConversation): void {
    const recipient = relay.reply(conversation);
    chatwoot.say(conversation);
    if (recipient.kind === 'none') {
      expect(recipient.reason).toBe('noNumber');
      expect(wrote.has(conversation.id)).toBe(false);
      return;
    }
    const written = wrote.get(conversation.id);
    const contact = chatwoot.contacts.get(conversation.contactId);
    if (written !== undefined) {
      expect(recipient.address).toBe(written.last);
      if (isHonest) expect([...written.people]).toEqual([holderOf(recipient.address)]);
      return;
    }
    const phone = contact?.phone?.slice(1);
    if (phone !== undefined) expect(canonicalAddress(recipient.address)).toBe(canonicalAddress(phone));
    // Without a number only what says itself that it is an address of WhatsApp counts, and what Ponte wrote for that contact.
    else expect([contact?.identifier?.replace('@s.whatsapp.net', ''), conversation.sourceId]).toContain(recipient.address);
  }

  for (const now of steps) {
    switch (now.kind) {
      case 'writes':
        await write(now);
        break;
      case 'replies': {
        const conversation = pick(chatwoot.conversations.values(), now.in);
        if (conversation !== undefined) reply(conversation);
        break;
      }
      case 'changesNumber':
        numberOf[now.by] = PEOPLE[now.by]?.numbers[1] ?? '';
        break;
      case 'imports': {
        const phone = now.phoneOf === undefined ? null : `+${numberOf[now.phoneOf]}`;
        chatwoot.addContact({ phone, identifier: now.identifier ?? null, ...(now.sourceId && { sourceId: `x${now.sourceId}` }) });
        break;
      }
      case 'begins': {
        const contact = pick(chatwoot.contacts.keys(), now.with);
        const own = [...chatwoot.owners].filter(([, owner]) => owner === contact).map(([sourceId]) => sourceId);
        const conversation =
          contact === undefined ? undefined : chatwoot.begin(contact, pick(own, now.at) ?? `uuid-${now.at}-${contact}`);
        if (conversation !== undefined) reply(conversation);
        break;
      }
      case 'merges': {
        const [base, mergee] = [pick(chatwoot.contacts.keys(), now.base), pick(chatwoot.contacts.keys(), now.mergee)];
        if (base !== undefined && mergee !== undefined) chatwoot.merge(base, mergee);
        break;
      }
      case 'edits': {
        const contact = pick(chatwoot.contacts.values(), now.contact);
        const phone = now.phoneOf === undefined ? null : `+${numberOf[now.phoneOf]}`;
        const isTaken = [...chatwoot.contacts.values()].some(
          (other) => other !== contact && phone !== null && other.phone === phone,
        );
        if (contact !== undefined && !isTaken) contact.phone = phone;
        break;
      }
      case 'resolves': {
        const conversation = pick(chatwoot.conversations.values(), now.in);
        if (conversation !== undefined) conversation.status = 'resolved';
        break;
      }
      case 'reopens':
        relay.rules.reopenResolved = now.value;
        break;
    }
  }
  for (const [base, mergee] of chatwoot.merged) {
    const numbers = [base, mergee].flatMap(({ phone }) => (phone === null ? [] : [canonicalAddress(phone.slice(1))]));
    expect(new Set(numbers).size, 'numbers of contacts that Ponte merged').toBeLessThan(2);
  }
}

const life = fc.array(step, { minLength: 1, maxLength: 40, size: 'max' });

describe('whatever is merged, edited, imported, changed and begun', () => {
  it('a reply goes to where the conversation’s last message came from, or to its contact’s number, and two people never share one', async () => {
    await fc.assert(
      fc.asyncProperty(life, (steps) => live(steps, true)),
      { numRuns: 40 },
    );
  });

  it('it does so under an engine that tells lids beside the wrong numbers, and no contacts of different numbers are merged', async () => {
    await fc.assert(
      fc.asyncProperty(life, (steps) => live(steps, false)),
      { numRuns: 40 },
    );
  });
});
