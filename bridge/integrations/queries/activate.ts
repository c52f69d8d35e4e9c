import type pg from 'pg';
import { z } from 'zod';
import { INTEGRATIONS_CHANNEL } from '../../leases/queries/leases.ts';
import type { LockKey } from '../../leases/queries/locks.ts';
import { type IntegrationRow, integrationColumns, integrationRow } from '../integration-row.ts';
import type { KeptInbox } from '../old-inbox.ts';

/** What an activation has got. */
export interface Activated {
  readonly inboxId: number;
  readonly inboxName: string;
  /** Sealed. */
  readonly webhookSecret: string | null;
  /** The newest event of the instance. */
  readonly eventCursor: number;
  /** Whether an earlier request may still make another inbox. */
  readonly unsure: boolean;
}

const activatedRows = z.array(integrationRow);

/**
 * `creating` becomes `active`, and what it replaces becomes `superseded` with it; `kept` where the inbox of that is to stay. With that the lock of the
 * instance goes. Answers the row as it is now; undefined where it was in another state, and then the lock stays.
 */
export async function activate(
  pool: pg.Pool,
  row: Pick<IntegrationRow, 'id' | 'replacesId'>,
  { inboxId, inboxName, webhookSecret, eventCursor, unsure }: Activated,
  { kept, lock }: { kept: KeptInbox | undefined; lock: LockKey },
): Promise<IntegrationRow | undefined> {
  const { rows } = await pool.query({
    name: 'activate',
    text: `WITH activated AS (
        -- What was said before the activation is not for Chatwoot. All that will ever stand in an inbox of ours is ours to tell.
        UPDATE bridge_integrations i
           SET state = 'active', status = 'active', last_error = '', updated_at = now(), inbox_id = $3, inbox_name = $4, webhook_secret = $5,
               event_cursor = coalesce((SELECT event_cursor FROM bridge_integrations WHERE id = $2), $6),
               caught_up_to = CASE WHEN i.adopted_inbox_id IS NULL THEN 0 ELSE i.caught_up_to END,
               create_sent_at = CASE WHEN $7::boolean THEN i.create_sent_at END
         WHERE i.id = $1 AND i.state = 'creating' RETURNING *
      ), superseded AS (
        UPDATE bridge_integrations
           SET state = 'superseded', updated_at = now(), keep_inbox = keep_inbox OR $8::text IS NOT NULL, last_error = coalesce($8, last_error)
         WHERE id = $2 AND state = 'active' AND EXISTS (SELECT FROM activated)
      ), freed AS (
        DELETE FROM bridge_locks WHERE owner = $10 AND fence = $11 AND EXISTS (SELECT FROM activated)
      )
      SELECT ${integrationColumns('activated')}, pg_notify($9, $1)::text AS told,
             CASE WHEN $2::text IS NOT NULL THEN pg_notify($9, $2)::text END AS told_of_other
        FROM activated`,
    values: [
      ...[row.id, row.replacesId, inboxId, inboxName, webhookSecret, eventCursor, unsure],
      ...[kept?.message ?? null, INTEGRATIONS_CHANNEL, lock.owner, lock.fence],
    ],
  });
  return activatedRows.parse(rows)[0];
}
