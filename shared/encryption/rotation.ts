import type pg from 'pg';
import { PonteError } from '../errors/ponte-error.ts';
import type { Keyring } from './keyring.ts';
import { countSecretsByKey, readSecrets, replaceSecrets, sampleSecrets } from './queries/secrets.ts';
import type { SecretColumn } from './secret-columns.ts';

export interface KeyUse {
  readonly table: string;
  readonly column: string;
  readonly keyId: string;
  readonly count: number;
}

/** A secret that could not be read, and so was left as it is. */
export interface Unreadable {
  readonly table: string;
  readonly column: string;
  readonly id: string;
  readonly reason: string;
}

export interface RotationResult {
  readonly reencrypted: number;
  readonly unreadable: readonly Unreadable[];
  /** How many are still under another key, the unreadable ones included. */
  readonly left: number;
}

/** What changes between our look and our write is looked at again, so often. */
const PASSES = 5;

/** Which keys the stored secrets are under. */
export async function countByKey(pool: pg.Pool, columns: readonly SecretColumn[]): Promise<KeyUse[]> {
  const uses: KeyUse[] = [];
  for (const secret of columns) {
    const { table, column } = secret;
    const rows = await countSecretsByKey(pool, secret);
    uses.push(...rows.map((row) => ({ table, column, ...row })));
  }
  return uses;
}

/** The ids of keys under which one secret of each column was tried and could not be read, although there is a key of that id. */
export async function keysThatDoNotFit(pool: pg.Pool, keyring: Keyring, columns: readonly SecretColumn[]): Promise<Set<string>> {
  const wrong = new Set<string>();
  for (const secret of columns) {
    for (const { owner, envelope } of await sampleSecrets(pool, secret)) {
      try {
        keyring.decrypt(envelope, { purpose: secret.purpose, owner });
      } catch (error) {
        if (!(error instanceof PonteError) || error.code !== 'decryption_failed') continue;
        wrong.add(envelope.split('.')[1] ?? '');
      }
    }
  }
  return wrong;
}

/**
 * Puts every secret that is under another key under the first one, in batches, while everything runs: a row is only written where it still
 * holds what was read. `onProgress` hears after each batch how many were done.
 */
export async function rotateSecrets(deps: {
  pool: pg.Pool;
  keyring: Keyring;
  columns: readonly SecretColumn[];
  onProgress?: (secret: SecretColumn, done: number) => void;
}): Promise<RotationResult> {
  let reencrypted = 0;
  const unreadable: Unreadable[] = [];
  for (const secret of deps.columns) {
    let missed = 1;
    for (let pass = 1; pass <= PASSES && missed > 0; pass += 1) {
      const result = await rotateColumn(deps, secret, new Set(unreadable.map(keyOf)));
      reencrypted += result.reencrypted;
      unreadable.push(...result.unreadable);
      missed = result.missed;
    }
  }
  const others = (await countByKey(deps.pool, deps.columns)).filter(({ keyId }) => !deps.keyring.isCurrent(`v1.${keyId}`));
  return { reencrypted, unreadable, left: others.reduce((sum, { count }) => sum + count, 0) };
}

const keyOf = ({ table, column, id }: Pick<Unreadable, 'table' | 'column' | 'id'>): string => `${table}.${column}.${id}`;

async function rotateColumn(
  deps: Parameters<typeof rotateSecrets>[0],
  secret: SecretColumn,
  known: ReadonlySet<string>,
): Promise<{ reencrypted: number; missed: number; unreadable: Unreadable[] }> {
  const { pool, keyring } = deps;
  const result = { reencrypted: 0, missed: 0, unreadable: [] as Unreadable[] };
  for (let after = ''; ; ) {
    const rows = await readSecrets(pool, secret, after);
    const last = rows.at(-1);
    if (last === undefined) return result;
    after = last.id;
    const changes: { id: string; old: string; fresh: string }[] = [];
    for (const { id, owner, envelope } of rows) {
      if (keyring.isCurrent(envelope) || known.has(keyOf({ ...secret, id }))) continue;
      const context = { purpose: secret.purpose, owner };
      try {
        changes.push({ id, old: envelope, fresh: keyring.encrypt(keyring.decrypt(envelope, context), context) });
      } catch (error) {
        if (!(error instanceof PonteError)) throw error;
        result.unreadable.push({ table: secret.table, column: secret.column, id, reason: error.message });
      }
    }
    const written = await replaceSecrets(pool, secret, changes);
    result.reencrypted += written;
    result.missed += changes.length - written;
    deps.onProgress?.(secret, result.reencrypted);
  }
}
