import { type BridgeNotification, bridgeNotificationSchema, NOTIFICATIONS_MOST } from '../../shared/contracts/notifications.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { fetchNotifications, forgetNotifications } from './queries/notifications.ts';

export interface Notifications {
  fetch(): Promise<BridgeNotification[]>;
  forget(ids: readonly string[]): Promise<void>;
}

/** What integrations have to tell of themselves, for the worker, which knows who wants to hear of it. */
export function createNotifications(deps: {
  prisma: PrismaClient;
  /** Only what an integration has been for so long is told: a Chatwoot that starts anew is no news. */
  lastingMs: number;
}): Notifications {
  const { prisma, lastingMs } = deps;
  return {
    async fetch() {
      const rows = await fetchNotifications(prisma, { lastingMs, limit: NOTIFICATIONS_MOST });
      return rows.map(({ facts, last_error, ...about }) =>
        bridgeNotificationSchema.parse({ message: last_error, ...about, ...facts }),
      );
    },
    forget: (ids) => forgetNotifications(prisma, ids),
  };
}
