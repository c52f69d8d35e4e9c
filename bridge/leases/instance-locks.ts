import { createHash } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { z } from 'zod';
import { jittered } from '../../shared/backoff.ts';
import { PgClient } from '../../shared/database/pg-client.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Logger } from '../../shared/logging/logger.ts';

export interface InstanceLock {
  /** False once the database has let go of it, because the connection broke. */
  isHeld(): boolean;
  release(): Promise<void>;
}

export interface InstanceLocks {
  /**
   * The right to change the integrations of an instance, among all bridge processes. Undefined when somebody else still has it after
   * `waitMs`. Throws PonteError `database_unavailable`.
   */
  acquire(instanceId: string, waitMs: number): Promise<InstanceLock | undefined>;
  stop(): Promise<void>;
}

interface Session {
  readonly client: pg.Client;
  alive: boolean;
}

const lockedRow = z.tuple([z.object({ ours: z.boolean() })]);

const QUERY_TIMEOUT_MS = 2_000;
const POLL_MS = 75;
// With these PostgreSQL notices within half a minute that the machine of a bridge is gone, instead of after hours.
const SERVER_KEEPALIVE = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3';

/**
 * Session advisory locks of PostgreSQL: it frees them itself when the process that holds them dies, however it dies. One connection
 * carries all locks of this process, so that tenants with a slow Chatwoot cannot use up a pool that the others need.
 */
export function createInstanceLocks(deps: { databaseUrl: string; logger: Logger }): InstanceLocks {
  let connecting: Promise<Session> | undefined;
  // A session may take the same lock twice, so the database does not keep the tasks of this process apart.
  const taken = new Set<string>();

  function drop(session: Session): void {
    if (!session.alive) return;
    session.alive = false;
    connecting = undefined;
    session.client.end().catch(() => {});
  }

  async function connect(): Promise<Session> {
    const client = new PgClient({
      connectionString: deps.databaseUrl,
      connectionTimeoutMillis: QUERY_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
      keepAlive: true,
      options: SERVER_KEEPALIVE,
    });
    const session: Session = { client, alive: true };
    const lost = () => {
      if (session.alive) deps.logger.warn({ locks: taken.size }, 'the connection that holds the instance locks broke');
      drop(session);
    };
    client.on('error', lost);
    client.on('end', lost);
    try {
      await client.connect();
      return session;
    } catch (error) {
      drop(session);
      throw error;
    }
  }

  function connected(): Promise<Session> {
    connecting ??= connect().catch((error: unknown) => {
      connecting = undefined;
      throw error;
    });
    return connecting;
  }

  async function tryLock(key: string): Promise<Session | undefined> {
    let session: Session | undefined;
    try {
      session = await connected();
      const { rows } = await session.client.query('SELECT pg_try_advisory_lock($1::bigint) AS ours', [key]);
      return lockedRow.parse(rows)[0].ours ? session : undefined;
    } catch (error) {
      // The answer may still come and leave us with a lock that nobody knows of: only the end of the session frees that.
      if (session !== undefined) drop(session);
      deps.logger.warn({ reason: String(error) }, 'locking an instance failed');
      throw new PonteError('database_unavailable');
    }
  }

  async function unlock(session: Session, key: string): Promise<void> {
    if (!session.alive) return;
    await session.client.query('SELECT pg_advisory_unlock($1::bigint)', [key]).catch(() => drop(session));
  }

  async function lockOnce(instanceId: string): Promise<InstanceLock | undefined> {
    if (taken.has(instanceId)) return undefined;
    taken.add(instanceId);
    const key = keyOf(instanceId);
    const session = await tryLock(key).catch((error: unknown) => {
      taken.delete(instanceId);
      throw error;
    });
    if (session === undefined) {
      taken.delete(instanceId);
      return undefined;
    }
    return {
      isHeld: () => session.alive,
      async release() {
        await unlock(session, key);
        taken.delete(instanceId);
      },
    };
  }

  return {
    async acquire(instanceId, waitMs) {
      const until = Date.now() + waitMs;
      for (;;) {
        const lock = await lockOnce(instanceId);
        if (lock !== undefined || Date.now() >= until) return lock;
        // Uneven pauses, so that those who wait do not ask in step.
        await delay(jittered(POLL_MS));
      }
    },
    async stop() {
      const session = await connecting?.catch(() => undefined);
      if (session !== undefined) drop(session);
    },
  };
}

/** 64 bits for PostgreSQL, as text. */
const keyOf = (instanceId: string): string =>
  createHash('sha256').update(`ponte-bridge-instance:${instanceId}`).digest().readBigInt64BE().toString();
