import { z } from 'zod';
import type { PrismaClient } from '../../../shared/database/database.ts';

/** The messages of one person are one chat, whether told under the number or a @lid: where one message tells both, that joins them. */
export const joinChats = (prisma: PrismaClient, instanceId: string): Promise<number> => prisma.$executeRaw`
  WITH pairs AS (
    SELECT place::jsonb ->> 'lid' AS lid, min(chat) AS chat FROM engine_history_messages
     WHERE instance_id = ${instanceId} AND place::jsonb ->> 'lid' IS NOT NULL AND place::jsonb ->> 'number' IS NOT NULL
     GROUP BY 1 HAVING count(DISTINCT chat) = 1
  )
  UPDATE engine_history_messages m SET chat = pairs.chat FROM pairs
   WHERE m.instance_id = ${instanceId} AND m.chat = pairs.lid`;

const countRow = z.tuple([z.object({ count: z.number() })]);

/** How many events of the instance Chatwoot does not have yet, up to `most`. */
export async function countUnacknowledged(prisma: PrismaClient, instanceId: string, most: number): Promise<number> {
  const rows = await prisma.$queryRaw`
    SELECT count(*)::integer AS count FROM (
      SELECT FROM engine_events WHERE instance_id = ${instanceId} AND acked_at IS NULL LIMIT ${most}) AS waiting`;
  return countRow.parse(rows)[0].count;
}

const messageRows = z.array(
  z.object({
    dedupeKey: z.string(),
    chat: z.string(),
    place: z.string(),
    sentAt: z.date(),
    payload: z.string(),
    engineKind: z.string(),
  }),
);
export type WaitingMessage = z.infer<typeof messageRows>[number];

/**
 * What is to be handed over next: chat by chat, those that were begun and then the last active ones first, each in the order in which it was
 * written. Of a chat no more than `perMinute`: Chatwoot takes only so many messages of a conversation.
 */
export async function nextMessages(
  prisma: PrismaClient,
  instanceId: string,
  { most, perMinute }: { readonly most: number; readonly perMinute: number },
): Promise<WaitingMessage[]> {
  const rows = await prisma.$queryRaw`
    WITH chats AS (
      SELECT chat, max(sent_at) AS last_at, bool_or(handed_at IS NOT NULL) AS is_begun,
             count(*) FILTER (WHERE handed_at > now() - interval '1 minute') AS lately
        FROM engine_history_messages WHERE instance_id = ${instanceId} GROUP BY chat HAVING bool_or(handed_at IS NULL)
    )
    SELECT m.dedupe_key AS "dedupeKey", m.chat, m.place, m.sent_at AS "sentAt", m.payload, m.engine_kind AS "engineKind"
      FROM (SELECT * FROM chats WHERE lately < ${perMinute}
             ORDER BY is_begun DESC, last_at DESC, chat LIMIT ${most}) AS c,
           LATERAL (SELECT * FROM engine_history_messages
                     WHERE instance_id = ${instanceId} AND chat = c.chat AND handed_at IS NULL
                     ORDER BY sent_at, rank DESC LIMIT least(${most}::bigint, ${perMinute}::bigint - c.lately)) AS m
     ORDER BY c.is_begun DESC, c.last_at DESC, c.chat, m.sent_at, m.rank DESC LIMIT ${most}`;
  return messageRows.parse(rows);
}

/** These are events now: what they hold is not needed here any more. */
export const noteHandedOver = (
  prisma: PrismaClient,
  instanceId: string,
  dedupeKeys: readonly string[],
): Promise<number> => prisma.$executeRaw`
  WITH handed AS (
    UPDATE engine_history_messages SET handed_at = now(), payload = NULL
     WHERE instance_id = ${instanceId} AND dedupe_key = ANY(${[...dedupeKeys]}::text[]) AND handed_at IS NULL RETURNING 1
  )
  UPDATE engine_histories SET handed_over = handed_over + (SELECT count(*) FROM handed) WHERE instance_id = ${instanceId}`;

/** Nothing more of it is wished for. */
export const dropWaiting = (prisma: PrismaClient, instanceId: string): Promise<number> => prisma.$executeRaw`
  DELETE FROM engine_history_messages WHERE instance_id = ${instanceId} AND handed_at IS NULL`;

const chatRows = z.array(z.object({ chat: z.string(), place: z.string() }));

/** Of which of these chats (all, where none are named) everything is handed over, and where the last message of each stands. */
export async function endedChats(
  prisma: PrismaClient,
  instanceId: string,
  among: readonly string[] | undefined,
): Promise<{ chat: string; place: string }[]> {
  const rows = await prisma.$queryRaw`
    SELECT chat, (array_agg(place ORDER BY sent_at DESC, rank))[1] AS place FROM engine_history_messages
     WHERE instance_id = ${instanceId} AND (${among === undefined}::boolean OR chat = ANY(${[...(among ?? [])]}::text[]))
     GROUP BY chat HAVING bool_and(handed_at IS NOT NULL)`;
  return chatRows.parse(rows);
}

/** Whether any of its events, which all begin with `prefix`, is not in Chatwoot yet. */
export async function isUnderWay(prisma: PrismaClient, instanceId: string, prefix: string): Promise<boolean> {
  const rows = await prisma.$queryRaw`
    SELECT count(*)::integer AS count FROM (
      SELECT FROM engine_events WHERE instance_id = ${instanceId} AND acked_at IS NULL
         AND starts_with(dedupe_key, ${prefix}) LIMIT 1) AS waiting`;
  return countRow.parse(rows)[0].count > 0;
}
