import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { backoffMs } from '../backoff.ts';
import type { Logger } from '../logging/logger.ts';
import { PgClient } from './pg-client.ts';

export interface Listener {
  start(): void;
  stop(): Promise<void>;
}

const PAUSES = { firstMs: 100, maxMs: 2_000 };
const STOP_TIMEOUT_MS = 1_000;

/**
 * Keeps one connection on `LISTEN <channel>`. Notifications sent while it is away are lost, so `onConnected` is called after each
 * connect: whoever waits looks once for itself then.
 */
export function createListener(deps: {
  databaseUrl: string;
  channel: string;
  onNotification: (payload: string) => void;
  onConnected: () => void;
  logger: Logger;
}): Listener {
  let client: pg.Client | undefined;
  let timer: NodeJS.Timeout | undefined;
  let failures = 0;
  let stopped = false;

  function reconnect(from: pg.Client): void {
    if (stopped || client !== from) return;
    client = undefined;
    from.end().catch(() => {});
    timer = setTimeout(connect, backoffMs(PAUSES, ++failures));
  }

  function connect(): void {
    const next = new PgClient({
      connectionString: deps.databaseUrl,
      connectionTimeoutMillis: 2_000,
      keepAlive: true,
      keepAliveInitialDelayMillis: 10_000,
    });
    client = next;
    next.on('error', () => reconnect(next));
    next.on('end', () => reconnect(next));
    next.on('notification', ({ payload }) => deps.onNotification(payload ?? ''));
    next
      .connect()
      .then(() => next.query(`LISTEN ${pg.escapeIdentifier(deps.channel)}`))
      .then(() => {
        failures = 0;
        deps.onConnected();
      })
      .catch((error: unknown) => {
        deps.logger.warn({ channel: deps.channel, reason: String(error) }, 'listening to the database failed, trying again');
        reconnect(next);
      });
  }

  return {
    start: connect,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      // A server that has fallen silent never confirms the goodbye.
      await Promise.race([client?.end().catch(() => {}), delay(STOP_TIMEOUT_MS, undefined, { ref: false })]);
    },
  };
}
