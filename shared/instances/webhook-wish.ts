import { createId, hashToken } from '../auth/tokens.ts';
import type { Prisma } from '../database/database.ts';
import type { Keyring } from '../encryption/keyring.ts';
import { createDeliveryKey, sealDeliveryKey } from '../engines/delivery-key.ts';
import { kindIn } from '../engines/kind-in.ts';
import { engineKinds, engineOf } from '../engines/registry.ts';

type Transaction = Prisma.TransactionClient;

/** How soon whoever brings a wish about looks at it again: at once. */
const DUE_NOW = `done_at = NULL, attempts = 0, last_error = '', next_attempt_at = 'epoch'`;
/** What is set in `engine_webhooks` to have an engine that delivers to us deliver where it did before. */
export const RESTORED = `wish = 'restored', version = version + 1, ${DUE_NOW}`;

/** What {@link WISH_STEPS} need to know of the instance, as columns of a step `held` that reads `instances i`; the others are {@link WishValues}. */
export const HOLDER_COLUMNS = `i.id AS instance_id, i.account_id, i.name, i.engine_kind, coalesce(i.engine_url, '') AS engine_url,
  coalesce(i.engine_name, i.name) AS engine_name, i.engine_token, i.engine_secret, i.delivery_key, i.delivery_key_hash`;

/** Where there is none yet: the id of the wish's row, the instance's key and its hash. */
export interface WishValues {
  readonly wish_id: string;
  readonly new_key: string;
  readonly new_key_hash: string;
}

export function wishValues(keyring: Keyring, instanceId: string): WishValues {
  const delivery = createDeliveryKey();
  return {
    wish_id: createId('ewh'),
    new_key: sealDeliveryKey(keyring, instanceId, delivery),
    new_key_hash: hashToken(delivery.key),
  };
}

const IS_TOLD = kindIn(
  'held.engine_kind',
  engineKinds.filter((kind) => engineOf(kind).webhook !== undefined),
);

/**
 * Steps of a statement (common table expressions) that have the engines of the instances in `held` deliver their events to us, where they can be
 * told to, and whatever engine did so before deliver where it did before that. The first time, an instance is given its delivery key.
 */
export const WISH_STEPS = `given AS (
    UPDATE instances i SET delivery_key = coalesce(i.delivery_key, held.new_key),
           delivery_key_hash = CASE WHEN i.delivery_key IS NULL THEN held.new_key_hash ELSE i.delivery_key_hash END
      FROM held WHERE i.id = held.instance_id AND held.delivery_key IS NULL AND ${IS_TOLD}
    RETURNING i.id, i.delivery_key, i.delivery_key_hash
  ), restored AS (
    UPDATE engine_webhooks w SET ${RESTORED}
      FROM held WHERE w.instance_id = held.instance_id AND w.wish = 'ours'
       AND (w.engine_kind, w.engine_url, w.engine_name) <> (held.engine_kind, held.engine_url, held.engine_name)
    RETURNING w.instance_id
  ), wished AS (
    INSERT INTO engine_webhooks AS before (id, instance_id, account_id, engine_kind, engine_url, engine_name, engine_token,
           engine_secret, delivery_key, delivery_key_hash, next_attempt_at)
    SELECT held.wish_id, held.instance_id, held.account_id, held.engine_kind, held.engine_url, held.engine_name, held.engine_token,
           held.engine_secret, coalesce(given.delivery_key, held.delivery_key),
           coalesce(given.delivery_key_hash, held.delivery_key_hash), 'epoch'::timestamptz
      FROM held LEFT JOIN given ON given.id = held.instance_id WHERE ${IS_TOLD}
    ON CONFLICT (instance_id, engine_kind, engine_url, engine_name) DO UPDATE SET
           engine_token = excluded.engine_token, engine_secret = excluded.engine_secret, delivery_key = excluded.delivery_key,
           delivery_key_hash = excluded.delivery_key_hash, wish = 'ours', version = before.version + 1, ${DUE_NOW}
    RETURNING before.instance_id
  )`;

/**
 * Wishes for the events of an instance, in the caller's transaction: only what is wished is written down; the worker brings it about.
 * Wished again, it is looked at again.
 */
export async function wishForEvents(tx: Transaction, keyring: Keyring, instanceId: string): Promise<void> {
  const text = `WITH held AS (
      SELECT ${HOLDER_COLUMNS}, $2 AS wish_id, $3 AS new_key, $4 AS new_key_hash FROM instances i WHERE i.id = $1
    ), ${WISH_STEPS} SELECT`;
  const { wish_id, new_key, new_key_hash } = wishValues(keyring, instanceId);
  await tx.$executeRawUnsafe(text, instanceId, wish_id, new_key, new_key_hash);
}
