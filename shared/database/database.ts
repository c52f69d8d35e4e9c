import { setTimeout as delay, setImmediate as nextTurn } from 'node:timers/promises';
import { PrismaPg } from '@prisma/adapter-pg';
import pg from 'pg';
import { z } from 'zod';
import { backoffMs } from '../backoff.ts';
import { PonteError } from '../errors/ponte-error.ts';
import { createFullnessWatch, DiskFullError, type FullnessWatch } from './disk-full.ts';
import { Prisma, PrismaClient } from './generated/client.ts';
import { readMigrations } from './migrate.ts';
import { CONNECTION_IDLE_MS, PatientPool } from './patient-pool.ts';

export { Prisma, type PrismaClient } from './generated/client.ts';

export interface Database {
  readonly prisma: PrismaClient;
  /** The pool below Prisma, for what it cannot express: LISTEN, advisory locks. */
  readonly pool: pg.Pool;
  /**
   * Waits for a database that is slow or still starting, for up to a minute, and says so to `onWaiting` at each try. Throws PonteError
   * `database_unreachable` (at once where nobody answers at that address), `database_outdated` or `database_newer`.
   */
  assertReady(onWaiting?: (reason: string) => void): Promise<void>;
  /** Rejects when the database does not answer anybody within two seconds, and with DiskFullError when it has just had no room for a write. */
  ping(): Promise<void>;
  /** Ends within two seconds, also when the database has fallen silent. */
  stop(): Promise<void>;
}

const STOP_TIMEOUT_MS = 2_000;
const PING_MS = 2_000;
/** For a free connection while the database works. What a client asks for waits its turn; it is not refused because many ask at once. */
const CONNECTION_WAIT_MS = 15_000;
/** For a transaction as a whole, once it has its connection: whoever holds locks lets go of them. */
const TRANSACTION_MS = 10_000;

export interface PoolOptions {
  readonly url: string;
  /** 10 unless told. */
  readonly poolSize?: number;
  /** How long one statement may take: 10 s unless told. */
  readonly queryTimeoutMs?: number;
  /** When a database that says nothing is away, for queries as well. */
  readonly silenceMs?: number;
  readonly onError?: (error: Error) => void;
  /** One for all pools of a process: whichever meets a full disk, the probe tells of it. */
  readonly fullness?: FullnessWatch;
}

/**
 * Connections are bounded in time everywhere: by default a query against a silent server would hang for ever. For a free connection one
 * waits up to 15 s while the database works. One that says nothing on any connection for `silenceMs` is away: told, that ends queries too,
 * and not only the wait for a connection (2 s then, or less where a statement may take less).
 */
export function createPool({
  url,
  poolSize = 10,
  queryTimeoutMs = 10_000,
  silenceMs,
  onError,
  fullness = createFullnessWatch(),
}: PoolOptions): PatientPool {
  const pool = new PatientPool(
    {
      connectionString: url,
      max: poolSize,
      query_timeout: queryTimeoutMs,
      // A little earlier: a server that still works shall stop working on it.
      statement_timeout: queryTimeoutMs * 0.9,
      idleTimeoutMillis: CONNECTION_IDLE_MS,
      keepAlive: true,
    },
    {
      waitMs: CONNECTION_WAIT_MS,
      silenceMs: silenceMs ?? Math.min(2_000, queryTimeoutMs),
      endsQueries: silenceMs !== undefined,
      fullness,
    },
  );
  // An idle connection that drops must not end the process; the next query says what is wrong.
  pool.on('error', (error) => onError?.(error));
  return pool;
}

/** Ends a pool, after what uses it has, within two seconds. */
export async function endPool(pool: pg.Pool, users: Promise<unknown> = Promise.resolve()): Promise<void> {
  // A server that has fallen silent never confirms the goodbye.
  await Promise.race([users.then(() => pool.end()), delay(STOP_TIMEOUT_MS, undefined, { ref: false })]);
}

/** Prisma and the pool below it: see {@link createPool}. */
export function createDatabase({ fullness = createFullnessWatch(), ...options }: PoolOptions): Database {
  const pool = createPool({ ...options, fullness });
  const prisma = new PrismaClient({
    adapter: new PrismaPg(pool),
    transactionOptions: { maxWait: CONNECTION_WAIT_MS, timeout: TRANSACTION_MS },
  });

  return {
    prisma,
    pool,
    async assertReady(onWaiting = () => {}) {
      const known = (await readMigrations()).map(({ name }) => name);
      const applied = await readWhenUp(pool, onWaiting);
      const unknown = applied.filter((name) => !known.includes(name));
      if (unknown.length > 0) throw new PonteError('database_newer', { migrations: unknown.join(', ') });
      const missing = known.filter((name) => !applied.includes(name));
      if (missing.length > 0) throw new PonteError('database_outdated', { migrations: missing.join(', ') });
    },
    async ping() {
      const answer = pool.query({ text: 'SELECT 1', query_timeout: PING_MS } as pg.QueryConfig).then(() => true);
      const isBusy = delay(PING_MS, undefined, { ref: false })
        // What has arrived while this process was busy is read first.
        .then(() => nextTurn())
        .then(() => pool.isAlive(PING_MS));
      if (!(await Promise.race([answer, isBusy]))) throw new PonteError('database_unavailable');
      if (fullness.isFull()) throw new DiskFullError('the disk of the database is full');
    },
    stop: () => endPool(pool, prisma.$disconnect()),
  };
}

/** A machine that has just been started, or is busy with other things, needs longer than we wait for a query in the middle of our work. */
const START_WAIT_MS = 60_000;
const START_PAUSES = { firstMs: 500, maxMs: 3_000 };
// Starting up, out of connections, and whatever says that it took too long.
const NOT_YET = /^(57P03|53300)$/;
const TOO_SLOW = /timeout|timed out/i;

async function readWhenUp(pool: pg.Pool, onWaiting: (reason: string) => void): Promise<string[]> {
  const untilMs = performance.now() + START_WAIT_MS;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await readAppliedMigrations(pool);
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error);
      const code = error instanceof pg.DatabaseError ? (error.code ?? '') : '';
      const isComing = NOT_YET.test(code) || TOO_SLOW.test(detail);
      if (!isComing || performance.now() >= untilMs) throw new PonteError('database_unreachable', { detail });
      onWaiting(detail);
      await delay(backoffMs(START_PAUSES, attempt));
    }
  }
}

const appliedRows = z.array(z.object({ name: z.string() }));

async function readAppliedMigrations(pool: pg.Pool): Promise<string[]> {
  try {
    const { rows } = await pool.query(
      'SELECT migration_name AS name FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL',
    );
    return appliedRows.parse(rows).map(({ name }) => name);
  } catch (error) {
    if (error instanceof pg.DatabaseError && error.code === '42P01') return []; // no such table: an empty database
    throw error;
  }
}

// P1xxx: connection; P2024: pool timeout; P2028: transaction could not start; P2037: too many connections.
const CONNECTION_CODES = /^P1\d{3}$|^P2024$|^P2028$|^P2037$/;
// Class 08 connection, 53 resources, 57P operator intervention; and Node's own socket errors.
const DRIVER_CODES = /^(08|53|57P)|^E(CONN|TIMEDOUT|PIPE|HOSTUNREACH|NETUNREACH|AI_AGAIN)|^ENOTFOUND$/;
const DRIVER_TEXTS =
  /timeout exceeded when trying to connect|timeout expired|Query read timeout|Connection terminated|statement timeout|not queryable/i;
const DRIVER_KINDS: ReadonlySet<string> = new Set([
  'ConnectionClosed',
  'DatabaseNotReachable',
  'SocketTimeout',
  'TlsConnectionError',
  'TooManyConnections',
]);

/**
 * What the driver said. Of a raw query Prisma tells no more than that it failed (P2010), and why only in here; where a transaction begins
 * or ends, the driver's own error (DriverAdapterError) comes as it is.
 */
function driverCause(error: Error): { kind: string; code: string; message: string | undefined } {
  const { meta } = error as Partial<Prisma.PrismaClientKnownRequestError>;
  const { cause } = driverErrorSchema.safeParse(meta?.driverAdapterError ?? error).data ?? {};
  return { kind: cause?.kind ?? '', code: cause?.originalCode ?? '', message: cause?.originalMessage };
}
const driverErrorSchema = z.object({
  cause: z.object({ kind: z.string(), originalCode: z.string().optional(), originalMessage: z.string().optional() }),
});

/** Whether an error means that PostgreSQL is away, full or silent (so that nothing is known to be wrong with the request). */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof Prisma.PrismaClientInitializationError) return true;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (CONNECTION_CODES.test(code) || DRIVER_CODES.test(code) || DRIVER_TEXTS.test(error.message)) return true;
  const driver = driverCause(error);
  if (DRIVER_KINDS.has(driver.kind) || DRIVER_CODES.test(driver.code)) return true;
  return error.cause !== undefined && isDatabaseUnavailable(error.cause);
}

/** Why PostgreSQL is away or full, in its own words, for the log; undefined for an error that does not mean that. */
export function unavailableReason(error: unknown): string | undefined {
  if (!(error instanceof Error) || !isDatabaseUnavailable(error)) return undefined;
  const inner = error.cause === undefined ? undefined : unavailableReason(error.cause);
  // Prisma's own text ends with what went wrong, behind a picture of the call.
  return inner ?? driverCause(error).message ?? error.message.trim().split('\n').at(-1);
}

/** Whether PostgreSQL ended one of two transactions that stood in each other's way; the same one can succeed a moment later. */
export const isWriteConflict = (error: unknown): boolean =>
  error instanceof Error &&
  (/^(P2034|40001|40P01)$/.test(refusalCode(error) ?? '') || driverCause(error).kind === 'TransactionWriteConflict');

/** The code with which the database refused something: Prisma's, or PostgreSQL's own of a statement that went past Prisma. */
export const refusalCode = (error: unknown): string | undefined =>
  error instanceof Prisma.PrismaClientKnownRequestError || error instanceof pg.DatabaseError ? error.code : undefined;

/** Values that it cannot keep, rules of the tables, and statements that stand in each other's way: SQLSTATE classes. */
const OF_ONE_ROW = /^(22|23|40)\w{3}$/;

/** Whether PostgreSQL has refused a statement for what one of the rows in it says, so that without that one it may take the others. */
export const isOfOneRow = (error: unknown): boolean => OF_ONE_ROW.test(refusalCode(error) ?? '');

/** Whether an error is the violation of a unique index, and of which fields or index where that is told. */
export function uniqueViolation(error: unknown): string | undefined {
  if (!(error instanceof Prisma.PrismaClientKnownRequestError) || error.code !== 'P2002') return undefined;
  return JSON.stringify(error.meta ?? {});
}

/** Whether an error says that a row refers to one that does not exist (any more). */
export const isForeignKeyViolation = (error: unknown): boolean =>
  error instanceof Prisma.PrismaClientKnownRequestError && error.code === 'P2003';
