import type { Database } from '../../../shared/database/database.ts';
import { RELAY_LIMITS } from '../../chatwoot/limits.ts';
import { canonicalAddress } from '../address.ts';
import type { ConversationAddresses } from './conversation-addresses.ts';
import type { MappedMessage } from './message-map.ts';
import type { PostingWrites } from './posting-writes.ts';
import {
  dismissPosting,
  extendPosting,
  findPosting,
  type Posting,
  type PostingKey,
  type Repeated,
  repeatedPostings,
} from './queries/postings.ts';
import { DeliveryFailure, LeaseLost } from './relay-error.ts';

/**
 * A request that makes something of which Chatwoot would make a second one. Contacts are none: Chatwoot itself takes each address in an inbox,
 * and each identifier, once.
 */
export type NewPosting =
  | {
      readonly kind: 'message';
      readonly whatsappId: string;
      readonly contactId: number;
      readonly conversationId: number;
      readonly hasFile: boolean;
      /** From then on replies go to that address, if it is from there. */
      readonly chat: { readonly sourceId: string; readonly direction: 'incoming' | 'outgoing' };
    }
  | {
      readonly kind: 'conversation';
      readonly contactId: number;
      /** The last conversation of that contact that is known; what comes of it has a higher id. */
      readonly afterId: number;
    };

export interface Postings {
  find(whatsappId: string): Promise<Posting | undefined>;
  /**
   * Notes that a request is about to leave. Resolves with the earlier one instead where there is one, and then nothing may be sent, unless
   * `again` says that it was looked for and is not there. Throws LeaseLost where somebody else may run the integration.
   */
  begin(posting: NewPosting, options: { readonly again: boolean }): Promise<Posting | undefined>;
  /** Makes the request; where it fails, notes what that says about its effect. */
  watch<Value>(posting: NewPosting, request: () => Promise<Value>): Promise<Value>;
  /** It is known what became of it. */
  forget(posting: Pick<Posting, 'kind' | 'key'>): Promise<void>;
  /** Chatwoot has the message, and what it needed with it: notes which one it is. Twice does no harm. */
  done(
    message: Pick<MappedMessage, 'whatsappId' | 'chat' | 'conversationId' | 'chatwootMessageId'> & { readonly contactId: number },
  ): Promise<void>;
  repeated(): Promise<Repeated[]>;
}

/**
 * What is on its way into one integration's Chatwoot, kept in the database, so that after a failure whoever goes on knows: this process or,
 * after a kill, another one. All times are the database's.
 */
export function createPostings(deps: {
  database: Pick<Database, 'prisma'>;
  writes: PostingWrites;
  integrationId: string;
  leaseEpoch: () => number;
  takesEffectWithinMs: number;
  /** Somebody writes in a conversation from that address. */
  onWritten: ConversationAddresses['wrote'];
}): Postings {
  const { integrationId, takesEffectWithinMs } = deps;
  const { prisma } = deps.database;

  const keyOf = (posting: NewPosting): PostingKey => {
    const key = posting.kind === 'message' ? posting.whatsappId : String(posting.contactId);
    return { integrationId, kind: posting.kind, key };
  };

  const addressOf = ({ sourceId: replyTo, direction }: (NewPosting & { kind: 'message' })['chat']) => ({
    address: canonicalAddress(replyTo),
    replyTo,
    isWriter: direction === 'incoming',
  });

  /** A file may be under way for long before Chatwoot has all of it and begins. */
  const limitOf = (posting: NewPosting): number =>
    takesEffectWithinMs + (posting.kind === 'message' && posting.hasFile ? RELAY_LIMITS.uploadTimeoutMs : 0);

  async function afterFailure(posting: NewPosting, { failure }: DeliveryFailure): Promise<void> {
    const key = keyOf(posting);
    if (failure.kind !== 'unknown' && failure.kind !== 'no_api') await dismissPosting(prisma, key);
    else await extendPosting(prisma, key, failure.kind === 'unknown' && failure.settled ? 0 : takesEffectWithinMs);
  }

  return {
    find: (whatsappId) => findPosting(prisma, { integrationId, kind: 'message', key: whatsappId }),

    async begin(posting, options) {
      const key = keyOf(posting);
      const { contactId } = posting;
      const known =
        posting.kind === 'message'
          ? { conversationId: posting.conversationId, afterId: null, address: addressOf(posting.chat) }
          : { conversationId: null, afterId: posting.afterId, address: undefined };
      const values = { ...key, contactId, ...known, leaseEpoch: deps.leaseEpoch(), endsInMs: limitOf(posting), ...options };
      const begun = await deps.writes.begin(values).finally(() => {
        const { address, conversationId } = known;
        if (address?.isWriter) deps.onWritten(conversationId, address.address);
      });
      if (begun === 'begun') return undefined;
      if (begun === 'lost') throw new LeaseLost();
      const earlier = await findPosting(prisma, key);
      // It was done in this very moment, which another try sees.
      return earlier ?? { kind: posting.kind, key: key.key, contactId, conversationId: null, afterId: 0, endsInMs: 0 };
    },

    async watch(posting, request) {
      try {
        return await request();
      } catch (error) {
        // What cannot be noted stays as unknown as it was when the request left.
        if (error instanceof DeliveryFailure) await afterFailure(posting, error).catch(() => {});
        throw error;
      }
    },

    async forget({ kind, key }) {
      await prisma.bridgePosting.deleteMany({ where: { integrationId, kind, key } });
    },
    done: (message) => deps.writes.record({ integrationId, ...message }),
    repeated: () => repeatedPostings(prisma, integrationId, takesEffectWithinMs),
  };
}
