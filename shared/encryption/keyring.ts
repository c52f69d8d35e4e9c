import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { PonteError } from '../errors/ponte-error.ts';
import type { EncryptionKey } from './keys.ts';

/**
 * What a secret is and whose: authenticated with it (AAD), so that an envelope copied to another row, another instance or another
 * column does not decrypt there.
 */
export interface SecretContext {
  readonly purpose:
    | 'chatwoot-token'
    | 'engine-token'
    | 'engine-secret'
    | 'engine-delivery-key'
    | 'engine-webhook-before'
    | 'notification-secret'
    | 'bridge-chatwoot-token'
    | 'bridge-webhook-key'
    | 'bridge-webhook-secret'
    | 'bridge-webhook-before';
  /** Id of the instance (or, with purpose `bridge-webhook-*`, of the bridge's integration, with `notification-secret` of the endpoint) the secret belongs to. */
  readonly owner: string;
}

export interface Keyring {
  /** Answers an envelope `v1.<key id>.<iv>.<tag>.<ciphertext>` under the first key. */
  encrypt(plaintext: string, context: SecretContext): string;
  /** Throws PonteError `encryption_key_missing` or `decryption_failed`. */
  decrypt(envelope: string, context: SecretContext): string;
  /** Whether the envelope is under the first key; one that is not is due for re-encryption. */
  isCurrent(envelope: string): boolean;
}

const VERSION = 'v1';
const IV_BYTES = 12; // what GCM is specified for

const aad = ({ purpose, owner }: SecretContext): Buffer => Buffer.from(`ponte:${VERSION}:${purpose}:${owner}`);
const keyIdOf = (envelope: string): string => envelope.split('.')[1] ?? '';

/** AES-256-GCM under the keys of `ENCRYPTION_KEYS`: the first encrypts, all decrypt. */
export function createKeyring(keys: readonly [EncryptionKey, ...EncryptionKey[]]): Keyring {
  const byId = new Map(keys.map((key) => [key.id, key.secret]));
  const [current] = keys;

  return {
    encrypt(plaintext, context) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', current.secret, iv).setAAD(aad(context));
      const ciphertext = Buffer.concat([cipher.update(plaintext, 'utf8'), cipher.final()]);
      return [
        VERSION,
        current.id,
        iv.toString('base64url'),
        cipher.getAuthTag().toString('base64url'),
        ciphertext.toString('base64url'),
      ].join('.');
    },

    decrypt(envelope, context) {
      const [version, keyId = '', iv = '', tag = '', ciphertext = ''] = envelope.split('.');
      const secret = byId.get(keyId);
      if (secret === undefined) throw new PonteError('encryption_key_missing', { keyId });
      try {
        if (version !== VERSION) throw new Error('unknown envelope version');
        const decipher = createDecipheriv('aes-256-gcm', secret, Buffer.from(iv, 'base64url'), { authTagLength: 16 })
          .setAAD(aad(context))
          .setAuthTag(Buffer.from(tag, 'base64url'));
        return Buffer.concat([decipher.update(Buffer.from(ciphertext, 'base64url')), decipher.final()]).toString('utf8');
      } catch {
        throw new PonteError('decryption_failed', { keyId });
      }
    },

    isCurrent: (envelope) => keyIdOf(envelope) === current.id,
  };
}
