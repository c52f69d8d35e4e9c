import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { backoffMs } from '../backoff.ts';
import type { Logger } from '../logging/logger.ts';
import { PgClient } from './pg-client.ts';

/** Who is told what is sent on a channel. */
export interface Subscriber {
  onNotification(payload: string): void;
  /** Notifications sent while the connection was away are lost: whoever waits looks once for itself now. */
  onConnected(): void;
}

export interface Listener {
  /** One subscriber a channel, before `start`. */
  subscribe(channel: string, subscriber: Subscriber): void;
  start(): void;
  stop(): Promise<void>;
}

const PAUSES = { firstMs: 100, maxMs: 2_000 };
const STOP_TIMEOUT_MS = 1_000;

/** Keeps one connection on LISTEN, for all that a process is told of: what a server has fewest of is connections. */
export function createListener(deps: { databaseUrl: string; logger: Logger }): Listener {
  const subscribers = new Map<string, Subscriber>();
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
    next.on('notification', ({ channel, payload }) => subscribers.get(channel)?.onNotification(payload ?? ''));
    const channels = [...subscribers.keys()];
    next
      .connect()
      .then(() => next.query(channels.map((channel) => `LISTEN ${pg.escapeIdentifier(channel)}`).join('; ')))
      .then(() => {
        failures = 0;
        for (const subscriber of subscribers.values()) subscriber.onConnected();
      })
      .catch((error: unknown) => {
        deps.logger.warn({ channels, reason: String(error) }, 'listening to the database failed, trying again');
        reconnect(next);
      });
  }

  return {
    subscribe: (channel, subscriber) => void subscribers.set(channel, subscriber),
    start: connect,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      // A server that has fallen silent never confirms the goodbye.
      await Promise.race([client?.end().catch(() => {}), delay(STOP_TIMEOUT_MS, undefined, { ref: false })]);
    },
  };
}
