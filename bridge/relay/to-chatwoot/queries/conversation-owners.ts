import type pg from 'pg';
import { z } from 'zod';

const ownerRows = z.array(z.object({ conversationId: z.number(), address: z.string(), wroteAt: z.date().nullable() }));

/** Who has written in these conversations, and who was only written to. */
export async function findConversationOwners(
  pool: pg.Pool,
  integrationId: string,
  conversationIds: readonly number[],
): Promise<z.output<typeof ownerRows>> {
  const { rows } = await pool.query({
    name: 'find_conversation_owners',
    text: `SELECT conversation_id AS "conversationId", address, wrote_at AS "wroteAt"
        FROM bridge_conversation_addresses WHERE integration_id = $1 AND conversation_id = ANY ($2::int[])`,
    values: [integrationId, conversationIds],
  });
  return ownerRows.parse(rows);
}
