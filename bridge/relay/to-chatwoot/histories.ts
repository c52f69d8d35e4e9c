import { z } from 'zod';
import type { PrismaClient } from '../../../shared/database/database.ts';
import type { Conversation } from '../../chatwoot/answers.ts';
import type { ChatwootClient } from '../../chatwoot/client.ts';
import { isMarkedHistory } from '../../chatwoot/resources/conversations.ts';
import type { ConversationAddresses } from './conversation-addresses.ts';
import { isEmpty } from './conversations.ts';
import type { Identity } from './identity.ts';
import { expectValue, findUnlessBroken } from './relay-error.ts';

/**
 * How far a conversation is that was made for a chat's history: `importing` while messages come into it, which is nothing for anybody to see
 * yet; `closed` once all are there: resolved, to be gone on with where the chat has no other; `open` once somebody has written in it.
 */
const stateSchema = z.enum(['importing', 'closed', 'open']);
type HistoryState = z.infer<typeof stateSchema>;

/** The conversations of one integration that were made for history. */
export interface Histories {
  /**
   * Where more of a chat's history goes; undefined where a conversation is yet to be made for it. Of all those of the chat. What comes late, when
   * the rest is there, such as a file that could not be had, goes to the rest.
   */
  homeOf(own: readonly Conversation[], isLate: boolean): Promise<Conversation | undefined>;
  /** Where a message of the present may go: those that are like any other, and behind them those that were only history so far. */
  forPresent(own: readonly Conversation[]): Promise<{ readonly usual: Conversation[]; readonly closed: Conversation[] }>;
  /** A conversation was made for history. */
  began(conversationId: number): Promise<void>;
  /** A message of the present goes into it. */
  goesOn(conversationId: number): Promise<void>;
  /** All history of that person or group is there: what was made for it is resolved. Twice is as once. */
  close(identity: Identity): Promise<void>;
}

export function createHistories(deps: {
  prisma: PrismaClient;
  integrationId: string;
  client: ChatwootClient;
  addresses: Pick<ConversationAddresses, 'of'>;
}): Histories {
  const { integrationId, client } = deps;
  const table = deps.prisma.bridgeHistory;

  async function statesOf(own: readonly Conversation[]): Promise<ReadonlyMap<number, HistoryState>> {
    const marked = own.filter(isMarkedHistory).map(({ id }) => id);
    if (marked.length === 0) return new Map();
    const rows = await table.findMany({ where: { integrationId, conversationId: { in: marked } } });
    // One that was made by a request of which nobody heard an answer, or that died with us.
    const unknown = marked.map((id): [number, HistoryState] => [id, 'importing']);
    return new Map([...unknown, ...rows.map(({ conversationId, state }) => [conversationId, stateSchema.parse(state)] as const)]);
  }

  async function write(conversationId: number, state: HistoryState): Promise<void> {
    const key = { integrationId, conversationId };
    await table.upsert({ where: { integrationId_conversationId: key }, create: { ...key, state }, update: { state } });
  }

  return {
    async homeOf(own, isLate) {
      const states = await statesOf(own);
      const home = own.find(({ id }) => states.get(id) === 'importing');
      if (home === undefined && isLate) return own.find(({ id }) => states.has(id));
      if (home !== undefined && isEmpty(home)) await write(home.id, 'importing');
      return home;
    },
    async forPresent(own) {
      const states = await statesOf(own);
      return {
        usual: own.filter(({ id }) => (states.get(id) ?? 'open') === 'open'),
        closed: own.filter(({ id }) => states.get(id) === 'closed'),
      };
    },
    began: (id) => write(id, 'importing'),
    goesOn: (id) => write(id, 'open'),
    async close(identity) {
      const rows = await table.findMany({ where: { integrationId, state: 'importing' }, select: { conversationId: true } });
      const owners = await deps.addresses.of(rows.map(({ conversationId }) => conversationId));
      for (const [id, addresses] of owners) {
        if (!addresses.some((address) => identity.addresses.includes(address))) continue;
        const conversation = await findUnlessBroken(client.conversations.get(id));
        // An agent who has opened it meanwhile has it for his own.
        if (conversation?.status === 'pending') await expectValue(client.conversations.resolve(id));
        await write(id, conversation?.status === 'open' ? 'open' : 'closed');
      }
    },
  };
}
