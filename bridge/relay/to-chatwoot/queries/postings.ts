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

export interface AskedPosting extends PostingValues {
  /** The earlier one was looked for, and is not there. */
  readonly again: boolean;
}
export type BegunPosting = 'begun' | 'earlier' | 'lost';

const begunRows = z.array(z.object({ nth: z.coerce.number().int(), begun: z.boolean() }));

/**
 * Notes of each, in their order, that it is about to leave: unless somebody else has the lease by now (`lost`), or there is an earlier one
 * (`earlier`) and it is not sent `again`. Chatwoot's ids grow, over all conversations: whatever comes of a message has a higher one than any
 * that is known now. And Chatwoot itself may answer a message at once: by then it is known whose the conversation is.
 */
export async function beginPostings(pool: pg.Pool, all: readonly AskedPosting[]): Promise<BegunPosting[]> {
  const known = new Set<string>();
  // Of two for the same, the second finds the first.
  const asked = all.map((one) => {
    const name = JSON.stringify([one.integrationId, one.kind, one.key]);
    const isFirst = !known.has(name);
    known.add(name);
    return { ...one, isFirst };
  });
  const first = asked.filter(({ isFirst }) => isFirst);
  const { rows } = await pool.query({
    name: 'begin_postings',
    text: `WITH asked AS (
        SELECT * FROM unnest((SELECT $1::text[]), (SELECT $2::int[]), (SELECT $3::text[]), (SELECT $4::text[]), (SELECT $5::int[]),
            (SELECT $6::int[]), (SELECT $7::int[]), (SELECT $8::int[]), (SELECT $9::bool[]), (SELECT $10::text[]), (SELECT $11::text[]),
            (SELECT $12::bool[]))
          WITH ORDINALITY AS asked (integration_id, lease_epoch, kind, key, contact_id, conversation_id, after_id, ends_in_ms, again, address,
            reply_to, is_writer, nth)),
      ours AS (
        SELECT asked.*, asked.kind::posting_kind AS posting_kind, now() + ends_in_ms * interval '1 millisecond' AS ends_at
          FROM asked, LATERAL (
            SELECT lease_epoch FROM bridge_integrations WHERE id = asked.integration_id LIMIT 1
          ) AS holder WHERE holder.lease_epoch = asked.lease_epoch),
      repeated AS (
        UPDATE bridge_postings AS posting
           SET tries = posting.tries + 1, lease_epoch = ours.lease_epoch, sent_at = now(), ends_at = ours.ends_at
          FROM ours
         WHERE ours.again AND posting.integration_id = ours.integration_id AND posting.kind = ours.posting_kind AND posting.key = ours.key
        RETURNING ours.nth),
      begun AS (
        INSERT INTO bridge_postings
               (integration_id, kind, key, contact_id, conversation_id, after_id, lease_epoch, sent_at, ends_at)
        SELECT integration_id, posting_kind, key, contact_id, conversation_id,
               coalesce(after_id, (SELECT max(chatwoot_message_id) FROM bridge_messages WHERE integration_id = ours.integration_id), 0),
               lease_epoch, now(), ends_at
          FROM ours WHERE NOT EXISTS (SELECT FROM repeated WHERE nth = ours.nth)
        ON CONFLICT (integration_id, kind, key) DO NOTHING
        RETURNING integration_id, kind, key),
      noted AS (
        INSERT INTO bridge_conversation_addresses AS known (integration_id, conversation_id, address, reply_to, wrote_at)
        SELECT DISTINCT ON (integration_id, conversation_id, address)
               integration_id, conversation_id, address, reply_to, CASE WHEN is_writer THEN now() END
          FROM ours WHERE address IS NOT NULL ORDER BY integration_id, conversation_id, address, is_writer DESC
        ON CONFLICT (integration_id, conversation_id, address) DO UPDATE SET reply_to = EXCLUDED.reply_to, wrote_at = EXCLUDED.wrote_at
         WHERE EXCLUDED.wrote_at IS NOT NULL)
      SELECT nth, EXISTS (SELECT FROM repeated WHERE nth = ours.nth)
          OR EXISTS (SELECT FROM begun
               WHERE integration_id = ours.integration_id AND kind = ours.posting_kind AND key = ours.key) AS begun
        FROM ours`,
    values: [
      ...[first.map((one) => one.integrationId), first.map((one) => one.leaseEpoch), first.map((one) => one.kind)],
      ...[first.map((one) => one.key), first.map((one) => one.contactId), first.map((one) => one.conversationId)],
      ...[first.map((one) => one.afterId), first.map((one) => one.endsInMs), first.map((one) => one.again)],
      ...[first.map(({ address }) => address?.address ?? null), first.map(({ address }) => address?.replyTo ?? null)],
      first.map(({ address }) => address?.isWriter ?? null),
    ],
  });
  const ours = new Map(begunRows.parse(rows).map(({ nth, begun }) => [first[nth - 1], begun ? 'begun' : 'earlier'] as const));
  return asked.map((one) => (one.isFirst ? (ours.get(one) ?? 'lost') : 'earlier'));
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

/** A message that Chatwoot has. */
export interface Posted {
  readonly integrationId: string;
  readonly whatsappId: string;
  readonly chat: string;
  readonly conversationId: number;
  readonly chatwootMessageId: number;
  readonly contactId: number;
}

/**
 * Notes of each which message in Chatwoot it became, once, and forgets what was on its way for it; what was repeated is looked for once more.
 */
export async function recordPosted(pool: pg.Pool, posted: readonly Posted[]): Promise<void> {
  await pool.query({
    name: 'record_posted',
    text: `WITH posted AS (
        SELECT * FROM unnest((SELECT $1::text[]), (SELECT $2::text[]), (SELECT $3::text[]), (SELECT $4::int[]), (SELECT $5::int[]),
            (SELECT $6::text[]))
          AS posted (integration_id, whatsapp_id, chat, conversation_id, chatwoot_message_id, contact)),
      known AS (
        DELETE FROM bridge_postings AS posting USING (
            SELECT integration_id, 'message'::posting_kind AS kind, whatsapp_id AS key FROM posted
            UNION ALL SELECT integration_id, 'conversation', contact FROM posted
          ) AS under_way
         WHERE posting.integration_id = under_way.integration_id AND posting.kind = under_way.kind AND posting.key = under_way.key
           AND posting.tries = 1)
      INSERT INTO bridge_messages (integration_id, whatsapp_id, direction, chat, conversation_id, chatwoot_message_id)
      SELECT integration_id, whatsapp_id, 'to_chatwoot', chat, conversation_id, chatwoot_message_id FROM posted
      ON CONFLICT DO NOTHING`,
    values: [
      ...[posted.map(({ integrationId }) => integrationId), posted.map(({ whatsappId }) => whatsappId)],
      ...[posted.map(({ chat }) => chat), posted.map(({ conversationId }) => conversationId)],
      ...[posted.map(({ chatwootMessageId }) => chatwootMessageId), posted.map(({ contactId }) => String(contactId))],
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
