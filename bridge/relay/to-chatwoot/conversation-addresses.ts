import type { Database } from '../../../shared/database/database.ts';
import { canonicalAddress, spellingsOfAddress } from '../address.ts';
import { createShelf } from './memory.ts';
import { findConversationOwners } from './queries/conversation-owners.ts';

/** Which addresses the conversations of one integration belong to. */
export interface ConversationAddresses {
  /** In their canonical spelling; a conversation of which nothing is known is missing. */
  of(conversationIds: readonly number[]): Promise<ReadonlyMap<number, readonly string[]>>;
  /** The conversation that was last written in from, or to, one of these. */
  latestOf(addresses: readonly string[]): Promise<number | undefined>;
  /** Somebody has written there from that address, in its canonical spelling. */
  wrote(conversationId: number, address: string): void;
}

/** Whose conversations these are: those who have written there, or while nobody has, those who were written to. */
export function ownersOf(
  rows: readonly { readonly conversationId: number; readonly address: string; readonly wroteAt: Date | null }[],
): ReadonlyMap<number, readonly string[]> {
  const written = new Set(rows.filter(({ wroteAt }) => wroteAt !== null).map(({ conversationId }) => conversationId));
  const owners = new Map<number, string[]>();
  for (const { conversationId, address, wroteAt } of rows) {
    if (wroteAt === null && written.has(conversationId)) continue;
    owners.set(conversationId, [...(owners.get(conversationId) ?? []), canonicalAddress(address)]);
  }
  return owners;
}

export function createConversationAddresses(deps: {
  database: Pick<Database, 'prisma' | 'pool'>;
  integrationId: string;
}): ConversationAddresses {
  const { database, integrationId } = deps;
  const table = database.prisma.bridgeConversationAddress;
  const found = createShelf<Awaited<ReturnType<typeof findConversationOwners>>>();
  return {
    async of(conversationIds) {
      if (conversationIds.length === 0) return new Map();
      const read = () => findConversationOwners(database.pool, integrationId, conversationIds);
      // Where nobody has written yet, a reply that is sent to somebody may change whose it is.
      const isSettled = (rows: Awaited<ReturnType<typeof read>>) =>
        conversationIds.every((id) => rows.some(({ conversationId, wroteAt }) => conversationId === id && wroteAt !== null));
      return ownersOf(await found.read(conversationIds.join(' '), read, isSettled));
    },
    wrote(conversationId, address) {
      found.drop((rows) => {
        const concerned = rows.filter((row) => row.conversationId === conversationId);
        return concerned.length > 0 && !(ownersOf(concerned).get(conversationId)?.includes(address) ?? false);
      });
    },
    async latestOf(addresses) {
      const last = await table.findFirst({
        // Some rows have the engine's spelling.
        where: { integrationId, address: { in: addresses.flatMap(spellingsOfAddress) } },
        orderBy: [{ wroteAt: { sort: 'desc', nulls: 'last' } }, { conversationId: 'desc' }],
        select: { conversationId: true },
      });
      return last?.conversationId;
    },
  };
}
