import type pg from 'pg';
import type { ClaimedReply } from '../reply.ts';
import { isClaimed } from '../reply-sql.ts';

/** What was to be done to a message was not: the agent is told by a private note. False when it is no longer ours. */
export async function settleFailedAction(pool: pg.Pool, reply: ClaimedReply, reason: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    `UPDATE bridge_replies SET state = 'failed', error = $3, payload = '{}', report_attempts = 0, report = 'note'
      WHERE ${isClaimed({ id: '$1', epoch: '$2' })}`,
    [reply.id, reply.epoch, reason],
  );
  return (rowCount ?? 0) > 0;
}
