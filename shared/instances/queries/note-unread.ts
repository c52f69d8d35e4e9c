import type { PrismaClient } from '../../database/database.ts';

const FAULT_LENGTH = 300;

/** Counts what an engine delivered in vain; `fault` says what was wrong with it, and holds nothing of it. */
export const noteUnread = (prisma: PrismaClient, instanceId: string, fault: string): Promise<number> => prisma.$executeRaw`
  UPDATE instances SET unread_events = least(unread_events, 2000000000) + 1, last_unread = ${fault.slice(0, FAULT_LENGTH)},
    last_unread_at = now()
   WHERE id = ${instanceId}`;
