import type pg from 'pg';
import { z } from 'zod';

/** Whose locks, and for how long: by the clock of the database. `owner` names a process among all that ever ran. */
export interface LockTerms {
  readonly owner: string;
  readonly validityMs: number;
}

/** One acquisition of one lock. */
export interface LockKey {
  readonly owner: string;
  readonly fence: string;
}

// The driver has a bigint as text.
const fenceRows = z.array(z.object({ fence: z.string() }).transform(({ fence }) => fence));

/**
 * Takes the lock of an instance if nobody has it any more; answers its fence, a number that no acquisition ever has again. The owner itself
 * may take it anew: the answer to an earlier try of its may have been lost.
 */
export async function takeLock(pool: pg.Pool, { owner, validityMs }: LockTerms, instanceId: string): Promise<string | undefined> {
  const { rows } = await pool.query(
    `INSERT INTO bridge_locks AS held (instance_id, owner, until) VALUES ($1, $2, now() + $3 * interval '1 millisecond')
     ON CONFLICT (instance_id) DO UPDATE SET owner = excluded.owner, fence = excluded.fence, until = excluded.until
      WHERE held.until < now() OR held.owner = excluded.owner
     RETURNING fence`,
    [instanceId, owner, validityMs],
  );
  return fenceRows.parse(rows)[0];
}

/** Prolongs those of `fences` that nobody has taken over, and answers which. */
export async function prolongLocks(
  pool: pg.Pool,
  { owner, validityMs }: LockTerms,
  fences: readonly string[],
): Promise<string[]> {
  const { rows } = await pool.query(
    `UPDATE bridge_locks SET until = now() + $3 * interval '1 millisecond'
      WHERE owner = $1 AND fence = ANY($2::bigint[]) RETURNING fence`,
    [owner, fences, validityMs],
  );
  return fenceRows.parse(rows);
}

/** Lets go of one lock, unless somebody else has it by now. */
export async function freeLock(pool: pg.Pool, { owner, fence }: LockKey): Promise<void> {
  await pool.query('DELETE FROM bridge_locks WHERE owner = $1 AND fence = $2', [owner, fence]);
}

/** Lets go of everything that this owner has. */
export async function freeAllLocks(pool: pg.Pool, owner: string): Promise<void> {
  await pool.query('DELETE FROM bridge_locks WHERE owner = $1', [owner]);
}
