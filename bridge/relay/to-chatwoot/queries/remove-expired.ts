import type { PrismaClient } from '../../../../shared/database/database.ts';

/** At most so many at a time: there may be millions. */
export const REMOVAL_BATCH = 1_000;

/** Which message is which, after half a year. Resolves with how many were removed. */
export const removeOldMessages = (prisma: PrismaClient): Promise<number> => prisma.$executeRaw`
  DELETE FROM bridge_messages WHERE ctid = ANY (ARRAY (
    SELECT ctid FROM bridge_messages WHERE created_at < now() - interval '180 days' LIMIT ${REMOVAL_BATCH} FOR UPDATE SKIP LOCKED))`;

/** The same of integrations that are gone. */
export const removeMessagesOfRemoved = (prisma: PrismaClient): Promise<number> => prisma.$executeRaw`
  DELETE FROM bridge_messages WHERE ctid = ANY (ARRAY (
    SELECT message.ctid FROM bridge_integrations AS gone JOIN bridge_messages AS message ON message.integration_id = gone.id
     WHERE gone.state = 'removed' LIMIT ${REMOVAL_BATCH} FOR UPDATE OF message SKIP LOCKED))`;

/** What was set aside and has been delivered since. */
export const removeResentLetters = (prisma: PrismaClient): Promise<number> => prisma.$executeRaw`
  DELETE FROM bridge_dead_letters WHERE state = 'resent' AND resent_at < now() - interval '30 days'`;

/** What was once on its way for something that was set aside, and never asked for again. */
export const removeOldPostings = (prisma: PrismaClient): Promise<number> => prisma.$executeRaw`
  DELETE FROM bridge_postings WHERE sent_at < now() - interval '180 days'`;

/** Whose message never came. */
export const removeOldEarlyEvents = (prisma: PrismaClient): Promise<number> => prisma.$executeRaw`
  DELETE FROM bridge_early_events WHERE created_at < now() - interval '30 days'`;

/** What belongs to integrations, and instances, that are gone. */
export async function removeAddressesOfRemoved(prisma: PrismaClient): Promise<void> {
  await prisma.$executeRaw`
    DELETE FROM bridge_conversation_addresses WHERE integration_id IN (SELECT id FROM bridge_integrations WHERE state = 'removed')`;
  await prisma.$executeRaw`
    DELETE FROM bridge_lids WHERE instance_id IN (
      SELECT instance_id FROM bridge_integrations AS gone WHERE state = 'removed' AND NOT EXISTS (
        SELECT FROM bridge_integrations AS other WHERE other.instance_id = gone.instance_id AND other.state <> 'removed'))`;
}
