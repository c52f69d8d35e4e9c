import type pg from 'pg';
import { z } from 'zod';
import { RelayDirection } from '../../../../shared/database/generated/enums.ts';

/** Messages of one integration that are asked for by their ids in WhatsApp. */
export interface AskedMessages {
  readonly integrationId: string;
  readonly whatsappIds: readonly string[];
}

const messageSchema = z.object({
  whatsappId: z.string(),
  direction: z.enum(RelayDirection),
  chat: z.string(),
  conversationId: z.number(),
  chatwootMessageId: z.number(),
  status: z.string(),
});
const rowSchema = z.object({ nth: z.coerce.number().int() });

export type MappedMessage = z.output<typeof messageSchema>;

/**
 * Which of them are known, in the order of the questions. Each is looked up by the key of the table, also while PostgreSQL does not know yet how
 * many rows there are, and by a plan that is made once: the SELECT around the arrays hides how long they are this time.
 */
export async function findMessages(pool: pg.Pool, asked: readonly AskedMessages[]): Promise<MappedMessage[][]> {
  const pairs = asked.flatMap(({ integrationId, whatsappIds }, index) =>
    // No id that PostgreSQL cannot keep is in there; it would refuse the question, which is also that of others.
    whatsappIds.filter((id) => !id.includes('\0')).map((id) => ({ index, integrationId, id })),
  );
  const { rows } = await pool.query<Record<string, unknown>>({
    name: 'find_messages',
    text: `SELECT asked.nth, known.* FROM unnest((SELECT $1::text[]), (SELECT $2::text[]), (SELECT $3::int[])) AS asked (integration, id, nth),
        LATERAL (
          SELECT whatsapp_id AS "whatsappId", direction, chat, conversation_id AS "conversationId",
                 chatwoot_message_id AS "chatwootMessageId", status
            FROM bridge_messages WHERE integration_id = asked.integration AND whatsapp_id = asked.id LIMIT 1
        ) AS known`,
    values: [pairs.map(({ integrationId }) => integrationId), pairs.map(({ id }) => id), pairs.map(({ index }) => index)],
  });
  const found: MappedMessage[][] = asked.map(() => []);
  for (const row of rows) found[rowSchema.parse(row).nth]?.push(messageSchema.parse(row));
  return found;
}
