import { z } from 'zod';
import type { Keyring } from '../../shared/encryption/keyring.ts';

/** What stood at an engine before our address did. */
export interface Kept {
  /** In the words of the engine's folder; undefined where nothing stood there. */
  readonly previous: unknown;
  /** Where it led, as the owner may see it. */
  readonly host: string | undefined;
}

const keptSchema = z.object({ previous: z.unknown().optional(), host: z.string().optional() });
const contextOf = (instanceId: string) => ({ purpose: 'engine-webhook-before', owner: instanceId }) as const;

/** As an envelope: it may hold secrets of whoever hears the events otherwise. */
export const sealKept = (keyring: Keyring, instanceId: string, { previous, host }: Kept): string =>
  keyring.encrypt(JSON.stringify({ previous, host }), contextOf(instanceId));

/** Throws what decrypting throws. */
export function openKept(keyring: Keyring, instanceId: string, envelope: string): Kept {
  const { previous, host } = keptSchema.parse(JSON.parse(keyring.decrypt(envelope, contextOf(instanceId))));
  return { previous, host };
}
