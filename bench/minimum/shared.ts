import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

export const QUEUE = 'minimum';
export const CHANNEL = 'minimum_settled';

/** Tables of its own, in the same PostgreSQL. */
export const TABLES = `
  CREATE SCHEMA IF NOT EXISTS minimum;
  CREATE TABLE IF NOT EXISTS minimum.accounts (token text PRIMARY KEY);
  CREATE TABLE IF NOT EXISTS minimum.activations (
    id text PRIMARY KEY, instance text NOT NULL, settings jsonb NOT NULL, secret text NOT NULL, state text NOT NULL DEFAULT 'pending',
    attempt int NOT NULL DEFAULT 0, outcome jsonb, created_at timestamptz NOT NULL DEFAULT now());
  CREATE TABLE IF NOT EXISTS minimum.integrations (instance text PRIMARY KEY, bridge_id text NOT NULL, secret text NOT NULL)`;

const KEY = Buffer.alloc(32, 7);

export function encrypt(text: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', KEY, nonce);
  return Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]).toString('base64');
}

export function decrypt(envelope: string): string {
  const bytes = Buffer.from(envelope, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', KEY, bytes.subarray(0, 12));
  decipher.setAuthTag(bytes.subarray(-16));
  return decipher.update(bytes.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8');
}
