import { createCipheriv, randomBytes } from 'node:crypto';
import type pg from 'pg';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { assertKeysFit } from '../../shared/encryption/key-check.ts';
import { createKeyring, type Keyring, type SecretContext } from '../../shared/encryption/keyring.ts';
import { parseKeys } from '../../shared/encryption/keys.ts';
import { countByKey, keysThatDoNotFit, rotateSecrets } from '../../shared/encryption/rotation.ts';
import type { SecretColumn } from '../../shared/encryption/secret-columns.ts';

const key = (id: string, bytes = randomBytes(32)) => `${id}:${bytes.toString('base64')}`;
const OLD = key('old');
const NEW = key('new');

function keyring(text: string): Keyring {
  const parsed = parseKeys(text);
  if ('fault' in parsed) throw new Error(parsed.fault);
  return createKeyring(parsed.keys);
}
/** The code of the error that decrypting ends in. */
function codeOf(keys: Keyring, envelope: string, context: SecretContext): unknown {
  try {
    return `decrypted to ${keys.decrypt(envelope, context)}`;
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
}

describe('an envelope', () => {
  const context = { purpose: 'chatwoot-token', owner: 'ins_1' } as const;

  it('gives back what was put in, and names version and key, and nothing of the secret', () => {
    const keys = keyring(NEW);
    for (const secret of ['', 'secret', 'schlüssel 🔑', 'with.dots.in.it', 'x'.repeat(5_000), 'nul\0']) {
      const envelope = keys.encrypt(secret, context);
      expect(envelope).toMatch(/^v1\.new\.[\w-]{16}\.[\w-]{22}\.[\w-]*$/);
      expect(keys.decrypt(envelope, context)).toBe(secret);
    }
  });

  it('is another one each time, so that equal secrets do not look equal', () => {
    const keys = keyring(NEW);
    expect(new Set(Array.from({ length: 50 }, () => keys.encrypt('secret', context))).size).toBe(50);
  });

  it('opens for nobody else: another owner, another purpose, another key of the same name', () => {
    const envelope = keyring(NEW).encrypt('secret', context);
    expect(codeOf(keyring(NEW), envelope, { ...context, owner: 'ins_2' })).toBe('decryption_failed');
    expect(codeOf(keyring(NEW), envelope, { ...context, purpose: 'engine-token' })).toBe('decryption_failed');
    expect(codeOf(keyring(key('new')), envelope, context)).toBe('decryption_failed');
    expect(() => keyring(key('new')).decrypt(envelope, context)).toThrow('"new"');
  });

  it('says which key is missing', () => {
    const envelope = keyring(OLD).encrypt('secret', context);
    expect(codeOf(keyring(NEW), envelope, context)).toBe('encryption_key_missing');
    expect(() => keyring(NEW).decrypt(envelope, context)).toThrow('"old"');
    expect(codeOf(keyring(NEW), 'nonsense', context)).toBe('encryption_key_missing');
    expect(() => keyring(NEW).decrypt('nonsense', context)).toThrow('""');
  });

  it('that was changed or cut anywhere does not open', () => {
    const keys = keyring(NEW);
    const parts = keys.encrypt('a secret of some length', context).split('.');
    for (const index of [2, 3, 4]) {
      const bytes = Buffer.from(parts[index] ?? '', 'base64url');
      for (let at = 0; at < bytes.length; at++) {
        const changed = Buffer.from(bytes);
        changed[at] = (changed[at] ?? 0) ^ 1;
        const envelope = parts.with(index, changed.toString('base64url')).join('.');
        expect(codeOf(keys, envelope, context)).toBe('decryption_failed');
      }
      expect(codeOf(keys, parts.with(index, '').join('.'), context)).toBe('decryption_failed');
    }
    expect(codeOf(keys, parts.with(0, 'v2').join('.'), context)).toBe('decryption_failed');
    expect(codeOf(keys, parts.slice(0, 4).join('.'), context)).toBe('decryption_failed');
    expect(codeOf(keys, parts.slice(0, 3).join('.'), context)).toBe('decryption_failed');
    expect(codeOf(keys, parts.slice(0, 2).join('.'), context)).toBe('decryption_failed');
  });

  it('with a short tag, which would be easier to forge, does not open', () => {
    const secret = Buffer.alloc(32, 7);
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', secret, iv, { authTagLength: 4 });
    cipher.setAAD(Buffer.from('ponte:v1:chatwoot-token:ins_1'));
    const sealed = Buffer.concat([cipher.update('secret'), cipher.final()]);
    const envelope = ['v1', 'k', iv, cipher.getAuthTag(), sealed]
      .map((part) => (typeof part === 'string' ? part : part.toString('base64url')))
      .join('.');
    expect(codeOf(keyring(key('k', secret)), envelope, context)).toBe('decryption_failed');
  });

  it('of today opens in every version to come: what it is bound to and how is fixed', () => {
    const secret = Buffer.alloc(32, 7);
    const iv = Buffer.alloc(12, 1);
    const cipher = createCipheriv('aes-256-gcm', secret, iv).setAAD(Buffer.from('ponte:v1:chatwoot-token:ins_1'));
    const sealed = Buffer.concat([cipher.update('schlüssel', 'utf8'), cipher.final()]);
    const envelope = `v1.k.${iv.toString('base64url')}.${cipher.getAuthTag().toString('base64url')}.${sealed.toString('base64url')}`;
    expect(keyring(key('k', secret)).decrypt(envelope, context)).toBe('schlüssel');
  });

  it('is written under the first key and read under every one; under another than the first it is due for a new one', () => {
    const before = keyring(OLD).encrypt('secret', context);
    const both = keyring(`${NEW},${OLD}`);
    expect(both.decrypt(before, context)).toBe('secret');
    expect(both.isCurrent(before)).toBe(false);
    const now = both.encrypt('secret', context);
    expect(both.isCurrent(now)).toBe(true);
    expect(keyring(NEW).decrypt(now, context)).toBe('secret');
    expect(both.isCurrent('nonsense')).toBe(false);
  });
});

describe('ENCRYPTION_KEYS', () => {
  it('are taken in their order, with spaces around them, in either alphabet of base64', () => {
    const bytes = Buffer.alloc(32, 0xfb);
    const parsed = parseKeys(` ${OLD} ,k-1_B:${bytes.toString('base64url')}`);
    expect('keys' in parsed && parsed.keys.map(({ id }) => id)).toEqual(['old', 'k-1_B']);
    expect('keys' in parsed && parsed.keys[1]?.secret).toEqual(bytes);
    expect('keys' in parseKeys(`${'i'.repeat(32)}:${bytes.toString('base64')}`)).toBe(true);
  });

  const encoded = (length: number) => Buffer.alloc(length).toString('base64');
  it.each([
    ['', 'key 1 is not of the form id:base64'],
    [`${NEW},`, 'key 2 is not of the form id:base64'],
    [`${NEW},a b:${encoded(32)}`, 'key 2 is not of the form id:base64'],
    [`:${encoded(32)}`, 'key 1 is not of the form id:base64'],
    [`${'i'.repeat(33)}:${encoded(32)}`, 'key 1 is not of the form id:base64'],
    ['new', 'key 1 is not of the form id:base64'],
    ['new:', 'key 1 is not of the form id:base64'],
    ['new:===', 'key 1 is not of the form id:base64'],
    [`new:${encoded(32)}==`, 'key 1 is not of the form id:base64'],
    [`new:${encoded(32)} x`, 'key 1 is not of the form id:base64'],
    [`x new:${encoded(32)}`, 'key 1 is not of the form id:base64'],
    [`new:${encoded(31)}`, 'key "new" has 31 bytes, it must have 32'],
    [`new:${encoded(33)}`, 'key "new" has 33 bytes, it must have 32'],
    [`${NEW},${OLD},new:${encoded(32)}`, 'key id "new" appears twice'],
  ])('%#: what is wrong is told without repeating a key', (text, fault) => {
    expect(parseKeys(text)).toEqual({ fault });
  });
});

/** A table with one column of secrets, which the statements of the encryption read and write. Their SQL is held elsewhere, by PostgreSQL. */
function createTable(secrets: Readonly<Record<string, string>>) {
  const rows = new Map(Object.entries(secrets));
  const state = { beforeWrite: () => {}, writes: 0, fails: undefined as Error | undefined };
  const keyIdOf = (envelope: string) => envelope.split('.')[1] ?? '';
  const all = () => [...rows].map(([id, envelope]) => ({ id, owner: id, envelope })).sort((a, b) => (a.id < b.id ? -1 : 1));
  const query = async (sql: string, values: readonly unknown[] = []) => {
    if (state.fails !== undefined) throw state.fails;
    if (sql.startsWith('SELECT DISTINCT')) {
      return {
        rows: all().filter(
          (row, index, list) => list.findIndex((other) => keyIdOf(other.envelope) === keyIdOf(row.envelope)) === index,
        ),
      };
    }
    if (sql.startsWith('SELECT split_part')) {
      const counts = new Map<string, number>();
      for (const envelope of rows.values()) counts.set(keyIdOf(envelope), (counts.get(keyIdOf(envelope)) ?? 0) + 1);
      return { rows: [...counts].map(([keyId, count]) => ({ keyId, count })) };
    }
    if (sql.startsWith('SELECT id'))
      return {
        rows: all()
          .filter(({ id }) => id > String(values[0]))
          .slice(0, 2),
      };
    state.writes += 1;
    state.beforeWrite();
    const [ids, olds, freshs] = values as string[][];
    let rowCount = 0;
    for (const [index, id] of (ids ?? []).entries()) {
      if (rows.get(id) !== olds?.[index]) continue;
      rows.set(id, freshs?.[index] ?? '');
      rowCount += 1;
    }
    return { rowCount };
  };
  // All of a pool that is used here.
  return { rows, state, pool: { query } as unknown as pg.Pool };
}

const COLUMN: SecretColumn = { table: 'instances', column: 'engine_token', owner: 'id', purpose: 'engine-token' };
const columns = [COLUMN];
const seal = (text: string, owner: string, secret = 'secret') =>
  keyring(text).encrypt(secret, { purpose: COLUMN.purpose, owner });
const both = keyring(`${NEW},${OLD}`);
/** Named as the old one, with other bytes. */
const FALSE_OLD = key('old');

describe('putting secrets under the first key', () => {
  it('leaves none under another, touches none that is under it, and changes nothing of what they say', async () => {
    const current = seal(NEW, 'c');
    const { pool, rows } = createTable({
      '0': seal(OLD, '0', 'one'),
      b: seal(OLD, 'b', 'two'),
      c: current,
      d: seal(OLD, 'd', 'four'),
    });
    const heard: [string, number][] = [];
    const onProgress = ({ column }: SecretColumn, done: number) => void heard.push([column, done]);
    expect(await rotateSecrets({ pool, keyring: both, columns, onProgress })).toEqual({
      reencrypted: 3,
      unreadable: [],
      left: 0,
    });
    expect(heard).toEqual([
      ['engine_token', 2],
      ['engine_token', 3],
    ]);
    const opened = [...rows].map(([owner, envelope]) => keyring(NEW).decrypt(envelope, { purpose: 'engine-token', owner }));
    expect(opened).toEqual(['one', 'two', 'secret', 'four']);
    expect(rows.get('c')).toBe(current);
  });

  it('takes what somebody changed meanwhile in another pass, and never overwrites it', async () => {
    const { pool, rows, state } = createTable({ a: seal(OLD, 'a'), b: seal(OLD, 'b') });
    state.beforeWrite = () => {
      if (state.writes === 1) rows.set('a', seal(OLD, 'a', 'changed meanwhile'));
    };
    expect(await rotateSecrets({ pool, keyring: both, columns })).toEqual({ reencrypted: 2, unreadable: [], left: 0 });
    expect(both.decrypt(rows.get('a') ?? '', { purpose: 'engine-token', owner: 'a' })).toBe('changed meanwhile');
    expect(state.writes).toBe(2);
  });

  it('gives up after five passes over what changes all the time, and says how much is left', async () => {
    const { pool, rows, state } = createTable({ a: seal(OLD, 'a') });
    state.beforeWrite = () => void rows.set('a', seal(OLD, 'a'));
    expect(await rotateSecrets({ pool, keyring: both, columns })).toEqual({ reencrypted: 0, unreadable: [], left: 1 });
    expect(state.writes).toBe(5);
  });

  it('leaves what cannot be read as it is, names it once, and goes on', async () => {
    const foreign = seal(OLD, 'somebody else');
    const { pool, rows, state } = createTable({ a: foreign, b: seal(OLD, 'b'), c: seal(OLD, 'c') });
    state.beforeWrite = () => {
      if (state.writes === 1) rows.set('b', seal(OLD, 'b'));
    };
    const result = await rotateSecrets({ pool, keyring: both, columns });
    expect(result).toEqual({
      reencrypted: 2,
      unreadable: [{ table: 'instances', column: 'engine_token', id: 'a', reason: expect.stringContaining('"old"') }],
      left: 1,
    });
    expect(rows.get('a')).toBe(foreign);
  });

  it('tells two columns of one row apart', async () => {
    const { pool } = createTable({ a: seal(OLD, 'somebody else') });
    const result = await rotateSecrets({ pool, keyring: both, columns: [COLUMN, { ...COLUMN, column: 'engine_secret' }] });
    expect(result.unreadable.map(({ column }) => column)).toEqual(['engine_token', 'engine_secret']);
  });

  it('ends with a failure of the database, and of ours', async () => {
    const { pool, state } = createTable({ a: seal(OLD, 'a') });
    const broken: Keyring = {
      ...both,
      decrypt: () => {
        throw new TypeError('a defect');
      },
    };
    await expect(rotateSecrets({ pool, keyring: broken, columns })).rejects.toThrow('a defect');
    state.fails = new Error('away');
    await expect(rotateSecrets({ pool, keyring: both, columns })).rejects.toThrow('away');
  });

  it('knows under which keys there is how much, and which keys are other ones than they were', async () => {
    const { pool } = createTable({ a: seal(OLD, 'a'), b: seal(NEW, 'b'), c: seal(NEW, 'c') });
    expect(await countByKey(pool, columns)).toEqual([
      { table: 'instances', column: 'engine_token', keyId: 'old', count: 1 },
      { table: 'instances', column: 'engine_token', keyId: 'new', count: 2 },
    ]);
    expect(await keysThatDoNotFit(pool, both, columns)).toEqual(new Set());
    expect(await keysThatDoNotFit(pool, keyring(`${NEW},${FALSE_OLD}`), columns)).toEqual(new Set(['old']));
    // One that is missing is another matter.
    expect(await keysThatDoNotFit(pool, keyring(NEW), columns)).toEqual(new Set());
  });
});

describe('trying the keys before a process begins to work', () => {
  const warnings: string[] = [];
  const logger = pino({ level: 'warn' }, { write: (line) => void warnings.push(line) });
  const check = (pool: pg.Pool, text: string) => assertKeysFit({ pool, keyring: keyring(text), columns, logger });

  it('finds a key that is missing, and one that is another than it was', async () => {
    const { pool } = createTable({ a: seal(NEW, 'a'), b: seal(OLD, 'b') });
    await check(pool, `${NEW},${OLD}`);
    await expect(check(pool, NEW)).rejects.toMatchObject({ code: 'encryption_key_missing' });
    await expect(check(pool, `${NEW},${FALSE_OLD}`)).rejects.toMatchObject({ code: 'decryption_failed' });
    expect(warnings).toEqual([]);
  });

  it('is no reason not to start where the database is too slow to tell, which is logged', async () => {
    const { pool, state } = createTable({});
    state.fails = new Error('too slow');
    await check(pool, NEW);
    expect(warnings.join('')).toContain('too slow');
  });
});
