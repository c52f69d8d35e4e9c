import type pg from 'pg';
import { z } from 'zod';
import type { DueReport } from '../reply.ts';

const BATCH = 50;

const reportRows = z.array(
  z
    .object({
      conversation_id: z.number(),
      chatwoot_message_id: z.number(),
      report: z.enum(['failed', 'sent', 'note']),
      error: z.string(),
      tick: z.enum(['sent', 'delivered', 'read']),
    })
    .transform(
      (row): DueReport => ({
        conversationId: row.conversation_id,
        chatwootMessageId: row.chatwoot_message_id,
        status: row.report,
        tick: row.tick,
        reason: row.error,
      }),
    ),
);

/** Those that were tried least come first: one that Chatwoot chokes on must not keep it from hearing of the others. */
export async function findDueReports(pool: pg.Pool, integrationId: string): Promise<DueReport[]> {
  const { rows } = await pool.query({
    name: 'find_due_reports',
    text: `SELECT due.*, coalesce((SELECT m.status FROM bridge_messages m WHERE m.integration_id = $1
            AND m.chatwoot_message_id = due.chatwoot_message_id AND m.status IN ('delivered', 'read')
            ORDER BY m.status DESC LIMIT 1), 'sent') AS tick FROM (
       SELECT DISTINCT ON (chatwoot_message_id) conversation_id, chatwoot_message_id, report, error, report_attempts
         FROM bridge_replies WHERE integration_id = $1 AND report <> '' ORDER BY chatwoot_message_id, part) AS due
     UNION ALL
     SELECT conversation_id, chatwoot_message_id, 'sent', '', 0, status FROM bridge_messages
      WHERE integration_id = $1 AND shown_failed AND status IN ('sent', 'delivered', 'read')
      ORDER BY report_attempts, chatwoot_message_id LIMIT ${BATCH}`,
    values: [integrationId],
  });
  return reportRows.parse(rows);
}
