import type { PrismaClient } from '../../../shared/database/database.ts';
import type { PostingKind } from '../../../shared/database/generated/client.ts';
import { RELAY_LIMITS } from '../../chatwoot/limits.ts';
import type { ChatwootFailure } from '../../chatwoot/outcome.ts';
import type { MappedMessage } from './message-map.ts';
import { DeliveryFailure, LeaseLost } from './relay-error.ts';

/** A request that makes something of which Chatwoot would make a second one. */
export type NewPosting =
  | {
      readonly kind: 'message';
      /** Its id in WhatsApp. */
      readonly key: string;
      readonly contactId: number;
      readonly conversationId: number;
      readonly hasFile: boolean;
    }
  | {
      readonly kind: 'conversation';
      readonly contactId: number;
      /** The last conversation of that contact that is known; what comes of it has a higher id. */
      readonly afterId: number;
    };

/** An earlier one, whose outcome is unknown. */
export interface Posting {
  readonly kind: PostingKind;
  readonly key: string;
  readonly contactId: number;
  readonly conversationId: number | null;
  readonly afterId: number;
  /** It may take effect for so long yet; 0 when that is over. */
  readonly endsInMs: number;
}

/** What was posted more than once, and what of it is known to be the one that stays. */
export interface Repeated extends Posting {
  readonly kept: { readonly conversationId: number; readonly messageId: number } | null;
}

export interface Postings {
  find(whatsappId: string): Promise<Posting | undefined>;
  /**
   * Notes that a request is about to leave, in one statement. Answers the earlier one instead where there is one, and then nothing may be
   * sent, unless `again` says that it was looked for and is not there. Throws LeaseLost where somebody else may run the integration.
   */
  begin(posting: NewPosting, options: { readonly again: boolean }): Promise<Posting | undefined>;
  /** Makes the request; where it fails, notes what that says about its effect. */
  watch<Value>(posting: NewPosting, request: () => Promise<Value>): Promise<Value>;
  /** The earlier one is known to have been done: another one is another one. */
  forget(posting: Pick<Posting, 'kind' | 'key'>): Promise<void>;
  /** Chatwoot has the message, and with it what it needed: notes which one it is. In one statement; twice does no harm. */
  done(
    message: Pick<MappedMessage, 'whatsappId' | 'chat' | 'conversationId' | 'chatwootMessageId'>,
    contactId: number,
  ): Promise<void>;
  /** What was repeated, and can by now have had all the effects that it may have. */
  repeated(): Promise<Repeated[]>;
}

const keyOf = (posting: NewPosting): string => (posting.kind === 'message' ? posting.key : String(posting.contactId));

interface PostingRow {
  kind: PostingKind;
  key: string;
  contact_id: number;
  conversation_id: number | null;
  after_id: number;
  ends_in_ms: number;
}
/** Of the earlier one, where there is one. */
interface Earlier {
  contact_id: number | null;
  conversation_id: number | null;
  after_id: number | null;
  ends_in_ms: number | null;
}

const toPosting = (row: PostingRow): Posting => ({
  kind: row.kind,
  key: row.key,
  contactId: row.contact_id,
  conversationId: row.conversation_id,
  afterId: row.after_id,
  endsInMs: row.ends_in_ms,
});

const REPEATED_BATCH = 100;

/**
 * What is on its way into one integration's Chatwoot, kept in the database, so that after a failure whoever goes on knows: this process or,
 * after a kill, another one. All times are the database's.
 */
export function createPostings(deps: {
  prisma: PrismaClient;
  integrationId: string;
  leaseEpoch: () => number;
  takesEffectWithinMs: number;
}): Postings {
  const { prisma, integrationId, takesEffectWithinMs } = deps;

  /** A file may be under way for long before Chatwoot has all of it and begins. */
  const limitOf = (posting: NewPosting): number =>
    takesEffectWithinMs + (posting.kind === 'message' && posting.hasFile ? RELAY_LIMITS.uploadTimeoutMs : 0);

  async function find(whatsappId: string): Promise<Posting | undefined> {
    const rows = await prisma.$queryRaw<PostingRow[]>`
      SELECT kind, key, contact_id, conversation_id, after_id,
             greatest(0, ceil(extract(epoch FROM ends_at - now()) * 1000))::int AS ends_in_ms
        FROM bridge_postings WHERE integration_id = ${integrationId} AND kind = 'message' AND key = ${whatsappId}`;
    return rows.map(toPosting)[0];
  }

  async function ended(posting: NewPosting, { kind, ...failure }: ChatwootFailure): Promise<void> {
    const key = keyOf(posting);
    if (kind !== 'unknown' && kind !== 'no_api') {
      // Nothing came of this one; of an earlier one perhaps.
      await prisma.$executeRaw`
        WITH untried AS (
          DELETE FROM bridge_postings
           WHERE integration_id = ${integrationId} AND kind = ${posting.kind}::posting_kind AND key = ${key} AND tries = 1)
        UPDATE bridge_postings SET ends_at = now()
         WHERE integration_id = ${integrationId} AND kind = ${posting.kind}::posting_kind AND key = ${key} AND tries > 1`;
      return;
    }
    const endsInMs = 'settled' in failure && failure.settled ? 0 : takesEffectWithinMs;
    await prisma.$executeRaw`
      UPDATE bridge_postings SET ends_at = now() + ${endsInMs}::int * interval '1 millisecond'
       WHERE integration_id = ${integrationId} AND kind = ${posting.kind}::posting_kind AND key = ${key}`;
  }

  return {
    find,

    async begin(posting, { again }) {
      const key = keyOf(posting);
      const conversationId = posting.kind === 'message' ? posting.conversationId : null;
      const afterId = posting.kind === 'message' ? null : posting.afterId;
      const epoch = deps.leaseEpoch();
      // Chatwoot's ids grow, over all conversations: whatever comes of a message has a higher one than any that is known before it leaves.
      const [row] = await prisma.$queryRaw<(Earlier & { ours: boolean; begun: boolean })[]>`
        WITH ours AS (
          SELECT id FROM bridge_integrations WHERE id = ${integrationId} AND lease_epoch = ${epoch}),
        begun AS (
          INSERT INTO bridge_postings AS posting
                 (integration_id, kind, key, contact_id, conversation_id, after_id, lease_epoch, sent_at, ends_at)
          SELECT id, ${posting.kind}::posting_kind, ${key}::text, ${posting.contactId}::int, ${conversationId}::int,
                 coalesce(${afterId}::int,
                          (SELECT max(chatwoot_message_id) FROM bridge_messages WHERE integration_id = ${integrationId}), 0),
                 ${epoch}::int, now(), now() + ${limitOf(posting)}::int * interval '1 millisecond'
            FROM ours
          ON CONFLICT (integration_id, kind, key) DO UPDATE
             SET tries = posting.tries + 1, lease_epoch = EXCLUDED.lease_epoch, sent_at = EXCLUDED.sent_at, ends_at = EXCLUDED.ends_at
           WHERE ${again}::boolean
          RETURNING true)
        SELECT EXISTS (SELECT FROM ours) AS ours, EXISTS (SELECT FROM begun) AS begun,
               earlier.contact_id, earlier.conversation_id, earlier.after_id,
               greatest(0, ceil(extract(epoch FROM earlier.ends_at - now()) * 1000))::int AS ends_in_ms
          FROM (SELECT) AS one
          LEFT JOIN bridge_postings earlier
            ON earlier.integration_id = ${integrationId} AND earlier.kind = ${posting.kind}::posting_kind AND earlier.key = ${key}`;
      if (row === undefined || !row.ours) throw new LeaseLost();
      if (row.begun) return undefined;
      // Where two begin at once, the second one sees no row yet, but does not get in either.
      const { conversation_id, after_id, ends_in_ms } = row;
      return {
        ...{ kind: posting.kind, key, contactId: row.contact_id ?? posting.contactId, conversationId: conversation_id },
        ...{ afterId: after_id ?? 0, endsInMs: ends_in_ms ?? takesEffectWithinMs },
      };
    },

    async watch(posting, request) {
      try {
        return await request();
      } catch (error) {
        // What cannot be noted stays as unknown as it was when the request left.
        if (error instanceof DeliveryFailure) await ended(posting, error.failure).catch(() => {});
        throw error;
      }
    },

    async forget({ kind, key }) {
      await prisma.bridgePosting.deleteMany({ where: { integrationId, kind, key } });
    },

    async done({ whatsappId, chat, conversationId, chatwootMessageId }, contactId) {
      // What was repeated stays, to be looked for once more.
      await prisma.$executeRaw`
        WITH known AS (
          DELETE FROM bridge_postings
           WHERE integration_id = ${integrationId} AND tries = 1
             AND ((kind = 'message' AND key = ${whatsappId}) OR (kind = 'conversation' AND key = ${String(contactId)})))
        INSERT INTO bridge_messages (integration_id, whatsapp_id, direction, chat, conversation_id, chatwoot_message_id)
        VALUES (${integrationId}, ${whatsappId}, 'to_chatwoot', ${chat}, ${conversationId}, ${chatwootMessageId})
        ON CONFLICT DO NOTHING`;
    },

    async repeated() {
      const rows = await prisma.$queryRaw<(PostingRow & { kept_conversation: number | null; kept_message: number | null })[]>`
        SELECT posting.kind, posting.key, posting.contact_id, posting.conversation_id, posting.after_id, 0 AS ends_in_ms,
               message.conversation_id AS kept_conversation, message.chatwoot_message_id AS kept_message
          FROM bridge_postings posting
          LEFT JOIN bridge_messages message
            ON posting.kind = 'message' AND message.integration_id = posting.integration_id AND message.whatsapp_id = posting.key
         WHERE posting.integration_id = ${integrationId} AND posting.tries > 1 AND posting.ends_at < now()
           AND (posting.kind = 'conversation' OR message.whatsapp_id IS NOT NULL)
         ORDER BY posting.ends_at LIMIT ${REPEATED_BATCH}`;
      return rows.map(({ kept_conversation, kept_message, ...row }) => ({
        ...toPosting(row),
        kept:
          kept_conversation === null || kept_message === null
            ? null
            : { conversationId: kept_conversation, messageId: kept_message },
      }));
    },
  };
}

/** Which of these integrations have repeated something whose last effects can be looked for by now. */
export async function integrationsWithRepeated(prisma: PrismaClient, integrationIds: readonly string[]): Promise<string[]> {
  if (integrationIds.length === 0) return [];
  const rows = await prisma.$queryRaw<{ id: string }[]>`
    SELECT DISTINCT integration_id AS id FROM bridge_postings
     WHERE integration_id = ANY(${[...integrationIds]}) AND tries > 1 AND ends_at < now()`;
  return rows.map(({ id }) => id);
}
