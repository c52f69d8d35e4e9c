import type { PrismaClient } from '../../../shared/database/database.ts';
import { removeOldNotifications } from '../../notifications/queries/notifications.ts';
import {
  REMOVAL_BATCH,
  removeAddressesOfRemoved,
  removeMessagesOfRemoved,
  removeOldEarlyEvents,
  removeOldMessages,
  removeOldPostings,
  removeResentLetters,
} from './queries/remove-expired.ts';

/** Forgets which message is which once nobody asks any more, what was set aside and has been delivered since, and outcomes nobody wants to know. */
export async function removeExpired(prisma: PrismaClient, signal: AbortSignal): Promise<void> {
  for (const remove of [removeOldMessages, removeMessagesOfRemoved]) {
    while ((await remove(prisma)) === REMOVAL_BATCH && !signal.aborted);
  }
  await removeResentLetters(prisma);
  await removeOldPostings(prisma);
  await removeOldEarlyEvents(prisma);
  await removeAddressesOfRemoved(prisma);
  await removeOldNotifications(prisma);
}
