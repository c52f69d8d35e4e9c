import type { Database } from '../../../shared/database/database.ts';
import { canonicalAddress, spellingsOfAddress } from '../address.ts';
import { findConversationOwners } from './queries/conversation-owners.ts';

/** Which addresses the conversations of one integration belong to. */
export interface ConversationAddresses {
  /** In their canonical spelling; a conversation of which nothing is known is missing. */
  of(conversationIds: readonly number[]): Promise<ReadonlyMap<number, readonly string[]>>;
  /** The conversation that was last written in from, or to, one of these. */
  latestOf(addresses: readonly string[]): Promise<number | undefined>;
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
  return {
    async of(conversationIds) {
      if (conversationIds.length === 0) return new Map();
      return ownersOf(await findConversationOwners(database.pool, integrationId, conversationIds));
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
