import { createId, hashToken } from '../auth/tokens.ts';
import type { Prisma } from '../database/database.ts';
import type { Keyring } from '../encryption/keyring.ts';
import { createDeliveryKey, openDeliveryKey, sealDeliveryKey } from '../engines/delivery-key.ts';
import { engineOf } from '../engines/registry.ts';

type Transaction = Prisma.TransactionClient;

/** How soon whoever brings a wish about looks at it again: at once. */
const dueNow = () => ({ doneAt: null, attempts: 0, lastError: '', nextAttemptAt: new Date(0) });

/**
 * Has the engine of an instance deliver its events to us, where it can be told to, and whatever engine did so before deliver where it did
 * before that. Writes down only what is wished, in the caller's transaction; the worker brings it about. Wished again, it is looked at again.
 */
export async function wishForEvents(tx: Transaction, keyring: Keyring, instanceId: string): Promise<void> {
  const instance = await tx.instance.findUnique({
    where: { id: instanceId },
    select: {
      accountId: true,
      name: true,
      engineKind: true,
      engineUrl: true,
      engineName: true,
      engineToken: true,
      engineSecret: true,
      deliveryKey: true,
    },
  });
  if (instance === null) return;
  const { engineKind, engineToken, engineSecret } = instance;
  const place = { engineKind, engineUrl: instance.engineUrl ?? '', engineName: instance.engineName ?? instance.name };
  await wishForRestoration(tx, instanceId, place);
  if (engineOf(engineKind).webhook === undefined) return;
  const delivery = instance.deliveryKey ?? (await giveDeliveryKey(tx, keyring, instanceId));
  const deliveryKeyHash = hashToken(openDeliveryKey(keyring, instanceId, delivery).key);
  const values = { engineToken, engineSecret, deliveryKey: delivery, deliveryKeyHash, wish: 'ours' as const };
  await tx.engineWebhook.upsert({
    where: { instanceId_engineKind_engineUrl_engineName: { instanceId, ...place } },
    create: { id: createId('ewh'), instanceId, accountId: instance.accountId, ...place, ...values, ...dueNow() },
    update: { ...values, ...dueNow(), version: { increment: 1 } },
  });
}

/** Has every engine that delivers the events of an instance to us, but the one in `except`, deliver them where it did before. */
export async function wishForRestoration(
  tx: Transaction,
  instanceId: string,
  except?: { readonly engineKind: string; readonly engineUrl: string; readonly engineName: string },
): Promise<void> {
  await tx.engineWebhook.updateMany({
    where: { instanceId, wish: 'ours', ...(except ? { NOT: except } : {}) },
    data: { wish: 'restored', version: { increment: 1 }, ...dueNow() },
  });
}

/** The first time an engine is to be told where to deliver. */
async function giveDeliveryKey(tx: Transaction, keyring: Keyring, instanceId: string): Promise<string> {
  const delivery = createDeliveryKey();
  const deliveryKey = sealDeliveryKey(keyring, instanceId, delivery);
  await tx.instance.update({ where: { id: instanceId }, data: { deliveryKey, deliveryKeyHash: hashToken(delivery.key) } });
  return deliveryKey;
}
