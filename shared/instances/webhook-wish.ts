import { createId, hashToken } from '../auth/tokens.ts';
import type { Prisma } from '../database/database.ts';
import type { Keyring } from '../encryption/keyring.ts';
import { createDeliveryKey, sealDeliveryKey } from '../engines/delivery-key.ts';
import { engineKinds, engineOf } from '../engines/registry.ts';

type Transaction = Prisma.TransactionClient;

/** How soon whoever brings a wish about looks at it again: at once. */
const dueNow = () => ({ doneAt: null, attempts: 0, lastError: '', nextAttemptAt: new Date(0) });
const DUE_NOW = `done_at = NULL, attempts = 0, last_error = '', next_attempt_at = 'epoch'`;

/** What {@link WISH_STEPS} need to know of the instance, as the columns of a step `held` that reads `instances i`. */
export const HOLDER_COLUMNS = `i.id AS instance_id, i.account_id, i.name, i.engine_kind, coalesce(i.engine_url, '') AS engine_url,
  coalesce(i.engine_name, i.name) AS engine_name, i.engine_token, i.engine_secret, i.delivery_key, i.delivery_key_hash`;

/** Of the first four parameters of a statement with {@link WISH_STEPS}: a new row's id, a new key and its hash, which kinds are told. */
export type WishValues = readonly [id: string, deliveryKey: string, deliveryKeyHash: string, kinds: readonly string[]];

export function wishValues(keyring: Keyring, instanceId: string): WishValues {
  const delivery = createDeliveryKey();
  return [createId('ewh'), sealDeliveryKey(keyring, instanceId, delivery), hashToken(delivery.key), TOLD_KINDS];
}

const TOLD_KINDS = engineKinds.filter((kind) => engineOf(kind).webhook !== undefined);

/**
 * Steps of a statement (common table expressions) that have the engine of an instance deliver its events to us, where it can be told to,
 * and whatever engine did so before deliver where it did before that. The first time, the instance is given its delivery key.
 */
export const WISH_STEPS = `given AS (
    UPDATE instances i SET delivery_key = coalesce(i.delivery_key, $2),
           delivery_key_hash = CASE WHEN i.delivery_key IS NULL THEN $3 ELSE i.delivery_key_hash END
      FROM held WHERE i.id = held.instance_id AND held.delivery_key IS NULL AND held.engine_kind = ANY($4::text[])
    RETURNING i.delivery_key, i.delivery_key_hash
  ), restored AS (
    UPDATE engine_webhooks w SET wish = 'restored', version = version + 1, ${DUE_NOW}
      FROM held WHERE w.instance_id = held.instance_id AND w.wish = 'ours'
       AND (w.engine_kind, w.engine_url, w.engine_name) <> (held.engine_kind, held.engine_url, held.engine_name)
    RETURNING w.id
  ), wished AS (
    INSERT INTO engine_webhooks AS before (id, instance_id, account_id, engine_kind, engine_url, engine_name, engine_token,
           engine_secret, delivery_key, delivery_key_hash, next_attempt_at)
    SELECT $1, held.instance_id, held.account_id, held.engine_kind, held.engine_url, held.engine_name, held.engine_token,
           held.engine_secret, coalesce(given.delivery_key, held.delivery_key),
           coalesce(given.delivery_key_hash, held.delivery_key_hash), 'epoch'::timestamptz
      FROM held LEFT JOIN given ON true WHERE held.engine_kind = ANY($4::text[])
    ON CONFLICT (instance_id, engine_kind, engine_url, engine_name) DO UPDATE SET
           engine_token = excluded.engine_token, engine_secret = excluded.engine_secret, delivery_key = excluded.delivery_key,
           delivery_key_hash = excluded.delivery_key_hash, wish = 'ours', version = before.version + 1, ${DUE_NOW}
    RETURNING before.id
  )`;

/**
 * Wishes for the events of an instance, in the caller's transaction: only what is wished is written down; the worker brings it about.
 * Wished again, it is looked at again.
 */
export async function wishForEvents(tx: Transaction, keyring: Keyring, instanceId: string): Promise<void> {
  const text = `WITH held AS (SELECT ${HOLDER_COLUMNS} FROM instances i WHERE i.id = $5), ${WISH_STEPS} SELECT`;
  await tx.$executeRawUnsafe(text, ...wishValues(keyring, instanceId), instanceId);
}

/** Has every engine that delivers the events of an instance to us deliver them where it did before. */
export async function wishForRestoration(tx: Transaction, instanceId: string): Promise<void> {
  await tx.engineWebhook.updateMany({
    where: { instanceId, wish: 'ours' },
    data: { wish: 'restored', version: { increment: 1 }, ...dueNow() },
  });
}
