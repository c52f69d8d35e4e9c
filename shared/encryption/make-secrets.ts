import { randomBytes } from 'node:crypto';

/** One that needs no quotes and no escapes, wherever it is put. */
export const makePassword = (): string => randomBytes(18).toString('hex');

/** The secrets that every installation needs, new. */
export const makeSecrets = () => ({
  ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
  BRIDGE_TOKEN: randomBytes(32).toString('hex'),
  ADMIN_USER: 'admin',
  ADMIN_PASSWORD: makePassword(),
});
