import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type pg from 'pg';
import { from } from 'pg-copy-streams';
import { readMigrations } from '../../shared/database/migrate.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { copyTarget, END_OF_ROWS, type Head, headSchema, partSchema, quoted } from './format.ts';
import { readApplied, readTables } from './tables.ts';

const BATCH_BYTES = 65_536;

export interface Backup {
  readonly head: Head;
  /** Puts every row back, all or none. The tables must be those of `head.migrations`, and empty. Resolves with how many rows there are. */
  restore(client: pg.ClientBase): Promise<number>;
  close(): void;
}

/** Opens a backup. Throws PonteError `backup_unreadable`, or `backup_newer` where this version lacks some of its migrations. */
export async function openBackup(path: string): Promise<Backup> {
  const file = createReadStream(path);
  const lines = linesOf(file.pipe(createGunzip()), file);
  const unreadable = (error: unknown): PonteError =>
    error instanceof PonteError
      ? error
      : new PonteError('backup_unreadable', { path, detail: error instanceof Error ? error.message : String(error) });

  /** The next line; a file that ends before it says so was cut off. */
  const next = async (): Promise<string> => {
    const { value, done } = await lines.next();
    if (done) throw new Error('it is cut off');
    return value;
  };
  const json = async (): Promise<unknown> => {
    const line = await next();
    try {
      return JSON.parse(line);
    } catch {
      throw new Error('it is no backup');
    }
  };

  async function* rows(): AsyncGenerator<string> {
    let batch = '';
    for (let line = await next(); line !== END_OF_ROWS; line = await next()) {
      batch += `${line}\n`;
      if (batch.length < BATCH_BYTES) continue;
      yield batch;
      batch = '';
    }
    if (batch !== '') yield batch;
  }

  async function fill(client: pg.ClientBase): Promise<number> {
    let count = 0;
    for (;;) {
      const part = partSchema.parse(await json());
      if ('table' in part) {
        const copy = client.query(from(`COPY ${copyTarget(part.table, part.columns)} FROM STDIN`));
        await pipeline(rows, copy);
        count += copy.rowCount;
      } else if ('sequences' in part) {
        for (const [name, value] of Object.entries(part.sequences)) {
          await client.query('SELECT setval($1::regclass, $2::bigint)', [quoted(name), value]);
        }
      } else {
        if (part.rows !== count) throw new Error(`it holds ${count} rows and says it has ${part.rows}`);
        return count;
      }
    }
  }

  try {
    const head = headSchema.safeParse(await json());
    if (!head.success) throw new Error('it is no backup');
    const known = new Set((await readMigrations()).map(({ name }) => name));
    if (head.data.migrations.some((name) => !known.has(name))) {
      throw new PonteError('backup_newer', { path, version: head.data.ponte });
    }
    return {
      head: head.data,
      close: () => file.destroy(),
      async restore(client) {
        await client.query('BEGIN');
        try {
          const count = await fill(client);
          await client.query('COMMIT');
          return count;
        } catch (error) {
          await client.query('ROLLBACK');
          throw unreadable(error);
        }
      },
    };
  } catch (error) {
    file.destroy();
    throw unreadable(error);
  }
}

/** Throws PonteError `restore_not_empty` for a database that holds rows, or tables of a later version than the backup's. */
export async function assertEmpty(client: pg.ClientBase, head: Head): Promise<void> {
  const applied = await readApplied(client);
  if (applied.length === 0) return;
  const later = applied.find((name) => !head.migrations.includes(name));
  if (later !== undefined) throw new PonteError('restore_not_empty', { what: 'tables of a later version' });
  for (const { name } of await readTables(client)) {
    const { rowCount } = await client.query(`SELECT 1 FROM ${quoted(name)} LIMIT 1`);
    if (rowCount !== 0) throw new PonteError('restore_not_empty', { what: `rows in ${name}` });
  }
}

async function* linesOf(stream: NodeJS.ReadableStream, source: NodeJS.ReadableStream): AsyncGenerator<string, undefined> {
  stream.setEncoding('utf8');
  // An error of the file does not go through the pipe.
  let fault: unknown;
  source.once('error', (error) => {
    fault = error;
    if ('destroy' in stream && typeof stream.destroy === 'function') stream.destroy(error);
  });
  let rest = '';
  for await (const chunk of stream) {
    const parts = (rest + String(chunk)).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
  if (fault !== undefined) throw fault;
  return undefined;
}
