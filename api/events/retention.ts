import type { PrismaClient } from '../../shared/database/database.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import { createSweep, type Turns } from '../../shared/turns.ts';

const EVERY_MS = 600_000;
const BATCH = 500;
// Longer than an activation takes: what came in while it was under way is its own.
const UNWANTED_AFTER = '1 hour';

/**
 * Removes events that Chatwoot has had for so many days (until then a second delivery of one is recognised), and those that nobody will
 * fetch any more because their instance has no integration. In batches, so that no table is locked for long; several processes that
 * do it at once pass over each other's rows.
 */
export function createRetention(deps: { prisma: PrismaClient; keepDays: number; logger: Logger }): Turns {
  const { prisma, keepDays, logger } = deps;

  const acknowledged = () => prisma.$executeRaw`
    DELETE FROM engine_events WHERE (instance_id, sequence) IN (
      SELECT instance_id, sequence FROM engine_events
       WHERE acked_at < now() - make_interval(days => ${keepDays}::integer)
       LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
  const unwanted = () => prisma.$executeRaw`
    DELETE FROM engine_events WHERE (instance_id, sequence) IN (
      SELECT e.instance_id, e.sequence FROM engine_events e
       WHERE e.acked_at IS NULL AND e.received_at < now() - ${UNWANTED_AFTER}::interval
         AND NOT EXISTS (SELECT FROM chatwoot_integrations c WHERE c.instance_id = e.instance_id)
         AND NOT EXISTS (SELECT FROM activations a WHERE a.instance_id = e.instance_id AND a.state IN ('pending', 'running'))
       LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;

  async function removeExpired(signal: AbortSignal): Promise<void> {
    let removed = 0;
    for (const remove of [acknowledged, unwanted]) {
      let count = BATCH;
      while (count === BATCH && !signal.aborted) {
        count = await remove();
        removed += count;
      }
    }
    if (removed > 0) logger.info({ removed }, 'old events were removed');
  }

  return createSweep({
    everyMs: EVERY_MS,
    work: removeExpired,
    onError: (error) => logger.warn({ reason: String(error) }, 'old events could not be removed, trying again later'),
  });
}
