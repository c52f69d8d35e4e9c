import type pg from 'pg';
import { type LastDelivery, writeLastDeliveries } from './queries/last-deliveries.ts';

/** When a message of each integration last reached Chatwoot, as `list` shows it: written for all of them together, now and then. */
export interface LastDeliveries {
  /** One has reached it now. */
  note(integrationId: string): void;
  /** Writes what was noted since; what could not be written is written the next time. */
  write(): Promise<void>;
}

export function createLastDeliveries({ pool }: { pool: pg.Pool }): LastDeliveries {
  const noted = new Map<string, Date>();

  function putBack(left: readonly LastDelivery[]): void {
    for (const { integrationId, at } of left) if (!noted.has(integrationId)) noted.set(integrationId, at);
  }

  return {
    note: (integrationId) => void noted.set(integrationId, new Date()),
    async write() {
      if (noted.size === 0) return;
      const all = [...noted].map(([integrationId, at]) => ({ integrationId, at }));
      noted.clear();
      try {
        putBack(await writeLastDeliveries(pool, all));
      } catch (error) {
        putBack(all);
        throw error;
      }
    },
  };
}
