import type pg from 'pg';
import { z } from 'zod';
import { INTEGRATIONS_CHANNEL } from './leases.ts';

/** Which process, and for how long it is alive without another word: by the clock of the database, those of the bridges do not count. */
export interface LeaseTerms {
  /** Names a process among all that ever ran. */
  readonly owner: string;
  readonly validityMs: number;
}

/** From here on the process may take integrations. */
export async function registerProcess(pool: pg.Pool, { owner, validityMs }: LeaseTerms): Promise<void> {
  await pool.query(
    `INSERT INTO bridge_processes (owner, until) VALUES ($1, now() + $2 * interval '1 millisecond')
     ON CONFLICT (owner) DO UPDATE SET until = excluded.until`,
    [owner, validityMs],
  );
}

export interface Beat {
  /** False when somebody has found this process dead, and freed what it had. */
  readonly isAlive: boolean;
  /** Whether there are integrations to take. */
  readonly hasFree: boolean;
  /** In how many milliseconds the next other process runs out, unless it is heard of; undefined when there is no other. */
  readonly nextExpiryMs: number | undefined;
}

const beatRow = z.tuple([
  z.object({ is_alive: z.boolean(), has_free: z.boolean(), next_expiry_ms: z.coerce.number().nullable() }).transform(
    (row): Beat => ({
      isAlive: row.is_alive,
      hasFree: row.has_free,
      nextExpiryMs: row.next_expiry_ms ?? undefined,
    }),
  ),
]);

/**
 * A sign of life; and the end of every process that has given none in time: what it had is free in the same moment. A process whose sign
 * comes in that moment holds its row, and is passed over.
 */
export async function beat(pool: pg.Pool, { owner, validityMs }: LeaseTerms): Promise<Beat> {
  const { rows } = await pool.query({
    name: 'beat',
    text: `WITH alive AS (
       UPDATE bridge_processes SET until = now() + $2 * interval '1 millisecond' WHERE owner = $1 RETURNING owner
     ), dead AS (
       DELETE FROM bridge_processes WHERE owner IN (
         SELECT owner FROM bridge_processes WHERE until < now() AND owner <> $1 FOR UPDATE SKIP LOCKED)
       RETURNING owner
     ), freed AS (
       UPDATE bridge_integrations SET lease_owner = NULL, lease_until = NULL
        WHERE lease_owner IN (SELECT owner FROM dead) RETURNING id
     ), told AS (
       SELECT pg_notify($3, '') WHERE EXISTS (SELECT FROM freed)
     )
     SELECT EXISTS (SELECT FROM alive) AS is_alive,
       EXISTS (SELECT FROM told) OR EXISTS (
         SELECT FROM bridge_integrations WHERE state = 'active' AND (lease_until IS NULL OR lease_until < now())) AS has_free,
       (SELECT extract(epoch FROM min(until) - now()) * 1000 FROM bridge_processes
         WHERE owner <> $1 AND until >= now()) AS next_expiry_ms`,
    values: [owner, validityMs, INTEGRATIONS_CHANNEL],
  });
  return beatRow.parse(rows)[0];
}

/** Gives everything back, so that another process need not wait for this one to run out. */
export async function leave(pool: pg.Pool, owner: string): Promise<void> {
  await pool.query(
    `WITH gone AS (
       DELETE FROM bridge_processes WHERE owner = $1
     ), freed AS (
       UPDATE bridge_integrations SET lease_owner = NULL, lease_until = NULL WHERE lease_owner = $1 RETURNING id
     )
     SELECT pg_notify($2, '') WHERE EXISTS (SELECT FROM freed)`,
    [owner, INTEGRATIONS_CHANNEL],
  );
}

const ownerRows = z.array(z.object({ lease_owner: z.string() }).transform((row) => row.lease_owner));

/** Frees what processes have of which nothing is known: a table that was emptied, rows that were put back from a copy. Answers how many. */
export async function freeOrphans(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query(
    `SELECT DISTINCT lease_owner FROM bridge_integrations
      WHERE state = 'active' AND lease_until > now() + interval '1 year' AND lease_owner IS NOT NULL
        AND NOT EXISTS (SELECT FROM bridge_processes WHERE owner = lease_owner)`,
  );
  const owners = ownerRows.parse(rows);
  if (owners.length === 0) return 0;
  // By name: what somebody has taken meanwhile is another's.
  const { rowCount } = await pool.query(
    'UPDATE bridge_integrations SET lease_owner = NULL, lease_until = NULL WHERE lease_owner = ANY($1)',
    [owners],
  );
  return rowCount ?? 0;
}
