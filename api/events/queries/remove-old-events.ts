import type { PrismaClient } from '../../../shared/database/database.ts';

/** At most so many at a time, so that no table is locked for long; several processes at once pass over each other's rows. */
export const REMOVAL_BATCH = 500;
// Longer than an activation takes: what came in while it was under way is its own.
const UNWANTED_AFTER = '1 hour';

/** Those that Chatwoot has had for so many days: until then a second delivery of one is recognised. */
export const removeAcknowledgedEvents = (prisma: PrismaClient, keepDays: number): Promise<number> => prisma.$executeRaw`
  DELETE FROM engine_events WHERE (instance_id, sequence) IN (
    SELECT instance_id, sequence FROM engine_events
     WHERE acked_at < now() - make_interval(days => ${keepDays}::integer)
     LIMIT ${REMOVAL_BATCH} FOR UPDATE SKIP LOCKED)`;

/** Those that nobody will fetch any more because their instance has no integration. */
export const removeUnwantedEvents = (prisma: PrismaClient): Promise<number> => prisma.$executeRaw`
  DELETE FROM engine_events WHERE (instance_id, sequence) IN (
    SELECT e.instance_id, e.sequence FROM engine_events e
     WHERE e.acked_at IS NULL AND e.received_at < now() - ${UNWANTED_AFTER}::interval
       AND NOT EXISTS (SELECT FROM chatwoot_integrations c WHERE c.instance_id = e.instance_id)
       AND NOT EXISTS (SELECT FROM activations a WHERE a.instance_id = e.instance_id AND a.state IN ('pending', 'running'))
     LIMIT ${REMOVAL_BATCH} FOR UPDATE SKIP LOCKED)`;
