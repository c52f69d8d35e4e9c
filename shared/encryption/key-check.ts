import type pg from 'pg';
import { PonteError } from '../errors/ponte-error.ts';
import type { Logger } from '../logging/logger.ts';
import type { Keyring } from './keyring.ts';
import { sampleSecrets } from './queries/secrets.ts';
import type { SecretColumn } from './secret-columns.ts';

/**
 * Tries one stored secret of every key, before a process begins to work: a key that is missing, or another one than it was, is told at once
 * and in one line, and not by each customer in turn. Throws PonteError `encryption_key_missing` or `decryption_failed`. A database that is
 * too slow to answer is no reason not to start.
 */
export async function assertKeysFit(deps: {
  pool: pg.Pool;
  keyring: Keyring;
  columns: readonly SecretColumn[];
  logger: Logger;
}): Promise<void> {
  try {
    for (const secret of deps.columns) {
      for (const { owner, envelope } of await sampleSecrets(deps.pool, secret)) {
        deps.keyring.decrypt(envelope, { purpose: secret.purpose, owner });
      }
    }
  } catch (error) {
    if (error instanceof PonteError) throw error;
    deps.logger.warn({ reason: String(error) }, 'the encryption keys could not be tried');
  }
}
