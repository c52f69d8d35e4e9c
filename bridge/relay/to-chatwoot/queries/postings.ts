import type pg from 'pg';
import { z } from 'zod';
import type { PrismaClient } from '../../../../shared/database/database.ts';
import type { PostingKind } from '../../../../shared/database/generated/client.ts';

/** Something that is on its way into Chatwoot, or was: there is a row while its outcome is unknown. */
export interface PostingKey {
  readonly integrationId: string;
  readonly kind: PostingKind;
  readonly key: string;
}

/** What is noted when it leaves. */
export interface PostingValues extends PostingKey {
  readonly contactId: number;
  readonly conversationId: number | null;
  /** Whatever comes of it has a higher id; null to have it be the last message that is known. */
  readonly afterId: number | null;
  /** Of a message whose conversation it is posted into: replies go there, and since when if it was written from there. */
  readonly address: { readonly address: string; readonly replyTo: string; readonly isWriter: boolean } | undefined;
  readonly leaseEpoch: number;
  /** It can take effect no later than in so many milliseconds. */
  readonly endsInMs: number;
}

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

/** What was posted more than once, and which message it is known to be. */
export interface Repeated extends Omit<Posting, 'endsInMs'> {
  readonly kept: { readonly conversationId: number; readonly messageId: number } | undefined;
}

const postingRows = z.array(
  z
    .object({ contact_id: z.number(), conversation_id: z.number().nullable(), after_id: z.number(), ends_in_ms: z.number() })
    .transform((row) => ({
      contactId: row.contact_id,
      conversationId: row.conversation_id,
      afterId: row.after_id,
      endsInMs: Math.max(0, row.ends_in_ms),
    })),
);

export async function findPosting(prisma: PrismaClient, { integrationId, kind, key }: PostingKey): Promise<Posting | undefined> {
  const rows = await prisma.$queryRaw`
    SELECT contact_id, conversation_id, after_id, ceil(extract(epoch FROM ends_at - now()) * 1000)::int AS ends_in_ms
      FROM bridge_postings WHERE integration_id = ${integrationId} AND kind = ${kind}::posting_kind AND key = ${key}`;
  const [found] = postingRows.parse(rows);
  return found === undefined ? undefined : { kind, key, ...found };
}

const begunRows = z.tuple([z.object({ ours: z.boolean(), begun: z.boolean() })]);

/**
 * Notes that it is about to leave, unless somebody else has the lease by now (`lost`), or there is an earlier one (`earlier`) and it is not
 * sent `again`. Chatwoot's ids grow, over all conversations: whatever comes of a message has a higher one than any that is known now.
 * And Chatwoot itself may answer a message at once: by then it is known whose the conversation is.
 */
export async function beginPosting(
  pool: pg.Pool,
  { integrationId, kind, key, contactId, conversationId, afterId, address, leaseEpoch, endsInMs }: PostingValues,
  { again }: { readonly again: boolean },
): Promise<'begun' | 'earlier' | 'lost'> {
  const { rows } = await pool.query({
    name: 'begin_posting',
    text: `WITH ours AS (
        SELECT id FROM bridge_integrations WHERE id = $1 AND lease_epoch = $2::int),
      begun AS (
        INSERT INTO bridge_postings AS posting
               (integration_id, kind, key, contact_id, conversation_id, after_id, lease_epoch, sent_at, ends_at)
        SELECT id, $3::posting_kind, $4::text, $5::int, $6::int,
               coalesce($7::int, (SELECT max(chatwoot_message_id) FROM bridge_messages WHERE integration_id = $1), 0),
               $2::int, now(), now() + $8::int * interval '1 millisecond'
          FROM ours
        ON CONFLICT (integration_id, kind, key) DO UPDATE
           SET tries = posting.tries + 1, lease_epoch = EXCLUDED.lease_epoch, sent_at = EXCLUDED.sent_at, ends_at = EXCLUDED.ends_at
         WHERE $9::boolean
        RETURNING true),
      noted AS (
        INSERT INTO bridge_conversation_addresses AS known (integration_id, conversation_id, address, reply_to, wrote_at)
        SELECT id, $6::int, $10::text, $11::text, CASE WHEN $12::boolean THEN now() END FROM ours WHERE $10::text IS NOT NULL
        ON CONFLICT (integration_id, conversation_id, address) DO UPDATE SET reply_to = EXCLUDED.reply_to, wrote_at = now()
         WHERE $12::boolean)
      SELECT EXISTS (SELECT FROM ours) AS ours, EXISTS (SELECT FROM begun) AS begun`,
    values: [
      ...[integrationId, leaseEpoch, kind, key, contactId, conversationId, afterId, endsInMs, again],
      ...[address?.address, address?.replyTo, address?.isWriter],
    ],
  });
  const [{ ours, begun }] = begunRows.parse(rows);
  if (!ours) return 'lost';
  return begun ? 'begun' : 'earlier';
}

/** Nothing came of the last one: none is left where it was the only one. */
export const dismissPosting = (
  prisma: PrismaClient,
  { integrationId, kind, key }: PostingKey,
): Promise<number> => prisma.$executeRaw`
  WITH dismissed AS (
    DELETE FROM bridge_postings
     WHERE integration_id = ${integrationId} AND kind = ${kind}::posting_kind AND key = ${key} AND tries = 1)
  UPDATE bridge_postings SET ends_at = now()
   WHERE integration_id = ${integrationId} AND kind = ${kind}::posting_kind AND key = ${key} AND tries > 1`;

/** Says anew how long it may take effect. */
export const extendPosting = (
  prisma: PrismaClient,
  { integrationId, kind, key }: PostingKey,
  endsInMs: number,
): Promise<number> => prisma.$executeRaw`
  UPDATE bridge_postings SET ends_at = now() + ${endsInMs}::int * interval '1 millisecond'
   WHERE integration_id = ${integrationId} AND kind = ${kind}::posting_kind AND key = ${key}`;

/** Notes which message in Chatwoot it became, once, and forgets what was on its way for it; what was repeated is looked for once more. */
export async function recordPosted(
  pool: pg.Pool,
  integrationId: string,
  message: { whatsappId: string; chat: string; conversationId: number; chatwootMessageId: number; contactId: number },
): Promise<void> {
  await pool.query({
    name: 'record_posted',
    text: `WITH known AS (
        DELETE FROM bridge_postings
         WHERE integration_id = $1 AND tries = 1 AND ((kind = 'message' AND key = $2) OR (kind = 'conversation' AND key = $6)))
      INSERT INTO bridge_messages (integration_id, whatsapp_id, direction, chat, conversation_id, chatwoot_message_id)
      VALUES ($1, $2, 'to_chatwoot', $3, $4, $5)
      ON CONFLICT DO NOTHING`,
    values: [
      ...[integrationId, message.whatsappId, message.chat, message.conversationId, message.chatwootMessageId],
      String(message.contactId),
    ],
  });
}

const repeatedRows = z.array(
  z
    .object({
      kind: z.enum(['message', 'conversation']),
      key: z.string(),
      contact_id: z.number(),
      conversation_id: z.number().nullable(),
      after_id: z.number(),
      kept_conversation: z.number().nullable(),
      kept_message: z.number().nullable(),
    })
    .transform(
      ({ kept_conversation: conversationId, kept_message: messageId, ...row }): Repeated => ({
        kind: row.kind,
        key: row.key,
        contactId: row.contact_id,
        conversationId: row.conversation_id,
        afterId: row.after_id,
        kept: conversationId === null || messageId === null ? undefined : { conversationId, messageId },
      }),
    ),
);
const REPEATED_BATCH = 100;

/**
 * What was repeated and is done, and can by now have had all the effects that it may have: those of an earlier try, too, of which a later one that
 * Chatwoot has answered says nothing.
 */
export async function repeatedPostings(
  prisma: PrismaClient,
  integrationId: string,
  takesEffectWithinMs: number,
): Promise<Repeated[]> {
  const rows = await prisma.$queryRaw`
    SELECT posting.kind, posting.key, posting.contact_id, posting.conversation_id, posting.after_id,
           message.conversation_id AS kept_conversation, message.chatwoot_message_id AS kept_message
      FROM bridge_postings posting
      LEFT JOIN bridge_messages message
        ON posting.kind = 'message' AND message.integration_id = posting.integration_id AND message.whatsapp_id = posting.key
     WHERE posting.integration_id = ${integrationId} AND posting.tries > 1 AND posting.ends_at < now()
       AND posting.sent_at < now() - ${takesEffectWithinMs}::int * interval '1 millisecond'
       AND (posting.kind = 'conversation' OR message.whatsapp_id IS NOT NULL)
     ORDER BY posting.ends_at LIMIT ${REPEATED_BATCH}`;
  return repeatedRows.parse(rows);
}

/** Which of these integrations have repeated something whose last effects can be looked for by now. */
export async function integrationsWithRepeated(
  prisma: PrismaClient,
  integrationIds: readonly string[],
  takesEffectWithinMs: number,
): Promise<string[]> {
  if (integrationIds.length === 0) return [];
  const rows = await prisma.$queryRaw`
    SELECT DISTINCT integration_id AS id FROM bridge_postings
     WHERE integration_id = ANY(${[...integrationIds]}) AND tries > 1 AND ends_at < now()
       AND sent_at < now() - ${takesEffectWithinMs}::int * interval '1 millisecond'`;
  return z
    .array(z.object({ id: z.string() }))
    .parse(rows)
    .map(({ id }) => id);
}
