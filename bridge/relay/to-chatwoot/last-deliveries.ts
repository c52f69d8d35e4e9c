import type pg from 'pg';
import type { Logger } from '../../../shared/logging/logger.ts';
import { type LastDelivery, writeLastDeliveries } from './queries/last-deliveries.ts';

/** When a message of each integration last reached Chatwoot, as `list` shows it: written for all of them together, now and then. */
export interface LastDeliveries {
  /** One has reached it now. */
  note(integrationId: string): void;
  /** Resolves when all is written, or cannot be. */
  stop(): Promise<void>;
}

const PAUSE_MS = 2_000;

export function createLastDeliveries({ pool, logger }: { pool: pg.Pool; logger: Logger }): LastDeliveries {
  const noted = new Map<string, Date>();
  let timer: NodeJS.Timeout | undefined;
  let writing: Promise<void> | undefined;

  async function write(): Promise<void> {
    timer = undefined;
    const all = [...noted].map(([integrationId, at]): LastDelivery => ({ integrationId, at }));
    noted.clear();
    const left = await writeLastDeliveries(pool, all).catch((error: unknown) => {
      logger.warn({ reason: String(error) }, 'the times of the last messages could not be written, trying again');
      return all;
    });
    writing = undefined;
    for (const { integrationId, at } of left) if (!noted.has(integrationId)) noted.set(integrationId, at);
    if (noted.size > 0) writeLater();
  }

  function writeLater(): void {
    timer ??= setTimeout(() => {
      writing = write();
    }, PAUSE_MS);
  }

  return {
    note(integrationId) {
      noted.set(integrationId, new Date());
      if (writing === undefined) writeLater();
    },
    async stop() {
      await writing;
      clearTimeout(timer);
      if (noted.size > 0) await write();
      clearTimeout(timer);
    },
  };
}
