import type pg from 'pg';
import { z } from 'zod';

const busyRows = z.array(z.object({ id: z.string() }));

/** Which of these integrations have something to send, to tell or to ask. */
export async function findBusyIntegrations(pool: pg.Pool, integrationIds: readonly string[]): Promise<string[]> {
  if (integrationIds.length === 0) return [];
  const { rows } = await pool.query({
    name: 'find_busy_integrations',
    text: `SELECT asked.id FROM unnest($1::text[]) AS asked(id)
      WHERE EXISTS (SELECT FROM bridge_replies r WHERE r.integration_id = asked.id AND r.state IN ('pending', 'sending'))
         OR EXISTS (SELECT FROM bridge_replies r WHERE r.integration_id = asked.id
              AND (r.report <> '' OR r.retry_requested_at IS NOT NULL))
         OR EXISTS (SELECT FROM bridge_messages m WHERE m.integration_id = asked.id AND m.shown_failed
              AND m.status IN ('sent', 'delivered', 'read'))
         OR EXISTS (SELECT FROM bridge_dead_letters d WHERE d.integration_id = asked.id
              AND d.direction = 'to_whatsapp' AND d.state = 'requested')`,
    values: [integrationIds],
  });
  return busyRows.parse(rows).map(({ id }) => id);
}
