import { randomBytes } from 'node:crypto';
import { createToken } from '../auth/tokens.ts';
import type { Keyring } from '../encryption/keyring.ts';

/** Below this is the door at which engines deliver; what follows is the secret key of one instance. */
export const DELIVERY_PATH = '/api/events/engine/';

/** What an engine is told when its webhook is set. */
export interface DeliveryKey {
  /** Part of the address: whoever knows it can deliver events of the instance. */
  readonly key: string;
  /** What deliveries are proven by, or the address is verified by; not to be had from the key. */
  readonly proof: string;
}

export const createDeliveryKey = (): DeliveryKey => ({
  key: createToken('delivery'),
  proof: randomBytes(24).toString('hex'),
});

export const deliveryAddress = (apiUrl: string, { key }: DeliveryKey): string => `${apiUrl}${DELIVERY_PATH}${key}`;

const contextOf = (instanceId: string) => ({ purpose: 'engine-delivery-key', owner: instanceId }) as const;

/** Both in one envelope. */
export const sealDeliveryKey = (keyring: Keyring, instanceId: string, { key, proof }: DeliveryKey): string =>
  keyring.encrypt(`${key}.${proof}`, contextOf(instanceId));

/** Throws what decrypting throws. */
export function openDeliveryKey(keyring: Keyring, instanceId: string, envelope: string): DeliveryKey {
  const [key = '', proof = ''] = keyring.decrypt(envelope, contextOf(instanceId)).split('.');
  return { key, proof };
}
