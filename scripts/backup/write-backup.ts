import { createWriteStream } from 'node:fs';
import { rename, rm, stat } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type pg from 'pg';
import { to } from 'pg-copy-streams';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { version } from '../../shared/version.ts';
import { copyTarget, END_OF_ROWS, type Head, type Part } from './format.ts';
import { readApplied, readSequences, readTables } from './tables.ts';

export interface Written {
  readonly tables: number;
  readonly rows: number;
  readonly bytes: number;
}

/**
 * Writes all of Ponte's rows to `path`, as they are at one moment, while everything runs. The file is there only when it is whole, and only its owner
 * can read it. Throws PonteError `backup_failed`; a file that is there already is left as it is.
 */
export async function writeBackup(client: pg.ClientBase, path: string): Promise<Written> {
  const draft = `${path}.part`;
  let tables = 0;
  let rows = 0;

  async function* lines(): AsyncGenerator<Buffer | string> {
    const line = (value: Head | Part): string => `${JSON.stringify(value)}\n`;
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    yield line({ ponte: version, madeAt: new Date().toISOString(), migrations: await readApplied(client) });
    for (const { name, columns } of await readTables(client)) {
      yield line({ table: name, columns: [...columns] });
      const copy = client.query(to(`COPY ${copyTarget(name, columns)} TO STDOUT`));
      for await (const chunk of copy) yield Buffer.from(chunk);
      yield `${END_OF_ROWS}\n`;
      tables += 1;
      rows += copy.rowCount;
    }
    yield line({ sequences: await readSequences(client) });
    yield line({ end: true, rows });
    await client.query('COMMIT');
  }

  try {
    if (await stat(path).catch(() => undefined)) throw new Error('it is there already');
    await pipeline(lines, createGzip(), createWriteStream(draft, { flags: 'wx', mode: 0o600, flush: true }));
    await rename(draft, path);
    return { tables, rows, bytes: (await stat(path)).size };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) await rm(draft, { force: true }).catch(() => {});
    throw new PonteError('backup_failed', { path, detail: error instanceof Error ? error.message : String(error) });
  }
}
