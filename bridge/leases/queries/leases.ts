import type pg from 'pg';
import { z } from 'zod';
import { BRIDGE_LIMITS } from '../../timeouts.ts';

/** How many are taken at a time; fewer when no others are left. */
export const CLAIM_BATCH = 100;

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

/**
 * Takes active integrations that nobody runs, at most a hundred at a time, so that processes which start together get about as many each.
 * One that is not registered, any more, gets none. Until when a lease of an earlier version lasts, that version has written.
 */
export async function claimLeases(pool: pg.Pool, owner: string): Promise<HeldLease[]> {
  const { rows } = await pool.query({
    name: 'claim_leases',
    text: `UPDATE bridge_integrations SET lease_owner = $1, lease_until = '9999-01-01', lease_epoch = lease_epoch + 1
      WHERE id IN (
        SELECT id FROM bridge_integrations
         WHERE state = 'active' AND (lease_until IS NULL OR lease_until < now())
           AND EXISTS (SELECT FROM bridge_processes WHERE owner = $1)
         ORDER BY lease_until NULLS FIRST LIMIT ${CLAIM_BATCH} FOR UPDATE SKIP LOCKED)
      RETURNING ${COLUMNS}`,
    values: [owner],
  });
  return leaseRows.parse(rows);
}

/** What this owner has, of all or of `ids`: those that are still active. */
export async function readLeases(pool: pg.Pool, owner: string, ids?: readonly string[]): Promise<HeldLease[]> {
  const { rows } = await pool.query({
    name: 'read_leases',
    text: `SELECT ${COLUMNS} FROM bridge_integrations
      WHERE lease_owner = $1 AND state = 'active' AND ($2::text[] IS NULL OR id = ANY($2))`,
    values: [owner, ids ?? null],
  });
  return leaseRows.parse(rows);
}

/** Begins anew what this owner has without running it: the answer in which it got it was lost, or it has stopped it. */
export async function reclaimLeases(pool: pg.Pool, owner: string, ids: readonly string[]): Promise<HeldLease[]> {
  const { rows } = await pool.query({
    name: 'reclaim_leases',
    text: `UPDATE bridge_integrations SET lease_epoch = lease_epoch + 1
      WHERE id = ANY($2) AND lease_owner = $1 AND state = 'active' RETURNING ${COLUMNS}`,
    values: [owner, ids],
  });
  return leaseRows.parse(rows);
}

/** The channel on which the bridges tell each other that an integration changed. The payload is its id, or empty: some are free. */
export const INTEGRATIONS_CHANNEL = 'ponte_bridge_integrations';
