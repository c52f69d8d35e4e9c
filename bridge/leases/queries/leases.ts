import type pg from 'pg';
import { z } from 'zod';
import { BRIDGE_LIMITS } from '../../timeouts.ts';

const CLAIM_BATCH = 100;

export interface HeldLease {
  readonly id: string;
  readonly epoch: number;
  /** Changes with every change of the row. */
  readonly version: string;
  /** Set where an inbox that nobody knows of may have been made, and is to be looked for by now. */
  readonly strayDue: boolean;
}

const COLUMNS = `id, lease_epoch, updated_at::text AS version,
  coalesce(create_sent_at < now() - interval '${BRIDGE_LIMITS.lateInboxMs} milliseconds', false) AS stray_due`;

const leaseRows = z.array(
  z
    .object({ id: z.string(), lease_epoch: z.number(), version: z.string(), stray_due: z.boolean() })
    .transform((row): HeldLease => ({ id: row.id, epoch: row.lease_epoch, version: row.version, strayDue: row.stray_due })),
);

/** Whose leases, and for how long: by the clock of the database, those of the bridges do not count. */
export interface LeaseTerms {
  readonly owner: string;
  readonly validityMs: number;
}

/** Prolongs those of `ids` that are still this owner's and still active; the others are lost. */
export async function renewLeases(
  pool: pg.Pool,
  { owner, validityMs }: LeaseTerms,
  ids: readonly string[],
): Promise<HeldLease[]> {
  if (ids.length === 0) return [];
  const { rows } = await pool.query(
    `UPDATE bridge_integrations SET lease_until = now() + $3 * interval '1 millisecond'
      WHERE lease_owner = $1 AND id = ANY($2) AND state = 'active' RETURNING ${COLUMNS}`,
    [owner, ids, validityMs],
  );
  return leaseRows.parse(rows);
}

/**
 * Takes active integrations that nobody runs, at most a hundred at a time, so that processes which start together get about as many each.
 * What this owner has the lease of without running it (`running`) is taken anew.
 */
export async function claimLeases(
  pool: pg.Pool,
  { owner, validityMs }: LeaseTerms,
  running: readonly string[],
): Promise<HeldLease[]> {
  const { rows } = await pool.query(
    `UPDATE bridge_integrations
        SET lease_owner = $1, lease_until = now() + $3 * interval '1 millisecond', lease_epoch = lease_epoch + 1
      WHERE id IN (
        SELECT id FROM bridge_integrations
         WHERE state = 'active' AND NOT (id = ANY($2))
           AND (lease_until IS NULL OR lease_until < now() OR lease_owner = $1)
         ORDER BY lease_until NULLS FIRST LIMIT ${CLAIM_BATCH} FOR UPDATE SKIP LOCKED)
      RETURNING ${COLUMNS}`,
    [owner, running, validityMs],
  );
  return leaseRows.parse(rows);
}

const expiryRow = z.tuple([z.object({ expires_ms: z.coerce.number().nullable() })]);

/**
 * In how many milliseconds the next lease of somebody else runs out, unless it is prolonged; undefined when nobody else has one. `running`
 * are our own.
 */
export async function nextExpiryMs(pool: pg.Pool, running: readonly string[]): Promise<number | undefined> {
  const { rows } = await pool.query(
    `SELECT extract(epoch FROM min(lease_until) - now()) * 1000 AS expires_ms FROM bridge_integrations
      WHERE state = 'active' AND lease_until > now() AND NOT (id = ANY($1))`,
    [running],
  );
  const [{ expires_ms }] = expiryRow.parse(rows);
  return expires_ms ?? undefined;
}

/** Gives everything back, so that another process need not wait for it to run out. */
export async function releaseLeases(pool: pg.Pool, owner: string): Promise<void> {
  await pool.query(
    `WITH released AS (
       UPDATE bridge_integrations SET lease_owner = NULL, lease_until = NULL WHERE lease_owner = $1 RETURNING id)
     SELECT pg_notify($2, (SELECT id FROM released LIMIT 1)) WHERE EXISTS (SELECT FROM released)`,
    [owner, INTEGRATIONS_CHANNEL],
  );
}

/** The channel on which the bridges tell each other that an integration changed. The payload is its id. */
export const INTEGRATIONS_CHANNEL = 'ponte_bridge_integrations';
