import type pg from 'pg';
import { z } from 'zod';
import type { ActivationSettings } from '../../../shared/activations/settings.ts';
import { refusalCode } from '../../../shared/database/database.ts';

export interface NewActivation {
  readonly id: string;
  readonly instanceId: string;
  readonly requestHash: string;
  readonly settings: ActivationSettings;
  /** Envelope of shared/encryption. */
  readonly chatwootToken: string;
  readonly requestId: string;
  readonly deadlineAt: Date;
  /** From then on means this activation. */
  readonly idempotencyKey: string | undefined;
  /** For so long nobody else is to miss its job in the queue. */
  readonly heldMs: number;
}

export type Inserted =
  | 'inserted'
  /** Another activation of the instance is unfinished, or the key means another one. */
  | 'taken'
  /** The instance is no more. */
  | 'no_instance';

const UNIQUE_VIOLATION = '23505';
const FOREIGN_KEY_VIOLATION = '23503';

const insertedRows = z.array(z.object({ id: z.string() }));

/** Writes a new activation, with its key where it has one, if there is no unfinished one of its instance. */
export async function insertActivation(pool: pg.Pool, row: NewActivation): Promise<Inserted> {
  try {
    const { rows } = await pool.query({
      name: 'insert_activation',
      text: `WITH begun AS (
          INSERT INTO activations (id, instance_id, request_hash, settings, chatwoot_token, request_id, deadline_at, held_until)
          VALUES ($1, $2, $3, $4, $5, $6, $7, now() + nullif($9::int, 0) * interval '1 millisecond')
          ON CONFLICT DO NOTHING RETURNING id
        ), named AS (
          INSERT INTO activation_keys (instance_id, key, activation_id)
          SELECT $2, $8::text, id FROM begun WHERE $8::text IS NOT NULL
        )
        SELECT id FROM begun`,
      values: [
        ...[row.id, row.instanceId, row.requestHash, JSON.stringify(row.settings), row.chatwootToken, row.requestId],
        ...[row.deadlineAt, row.idempotencyKey ?? null, row.heldMs],
      ],
    });
    return insertedRows.parse(rows).length > 0 ? 'inserted' : 'taken';
  } catch (error) {
    const code = refusalCode(error);
    if (code === UNIQUE_VIOLATION) return 'taken';
    if (code === FOREIGN_KEY_VIOLATION) return 'no_instance';
    throw error;
  }
}
