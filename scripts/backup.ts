import { Command } from 'commander';
import type pg from 'pg';
import { readDatabaseConfig } from '../shared/config/config.ts';
import { migrate } from '../shared/database/migrate.ts';
import { PgClient } from '../shared/database/pg-client.ts';
import { PonteError } from '../shared/errors/ponte-error.ts';
import { assertEmpty, openBackup } from './backup/read-backup.ts';
import { writeBackup } from './backup/write-backup.ts';

const CONNECT_TIMEOUT_MS = 5_000;

function databaseUrl(): string {
  const config = readDatabaseConfig(process.env);
  if (config.BRIDGE_DATABASE_URL !== undefined && config.BRIDGE_DATABASE_URL !== config.DATABASE_URL) {
    throw new PonteError('config_invalid', {
      faults: 'BRIDGE_DATABASE_URL is another database, and both have to be of one moment: back them up by means of PostgreSQL',
    });
  }
  return config.DATABASE_URL;
}

async function withClient(url: string, run: (client: pg.ClientBase) => Promise<void>): Promise<void> {
  const client = new PgClient({ connectionString: url, connectionTimeoutMillis: CONNECT_TIMEOUT_MS });
  try {
    await client.connect();
  } catch (error) {
    throw new PonteError('database_unreachable', { detail: error instanceof Error ? error.message : String(error) });
  }
  try {
    await run(client);
  } finally {
    await client.end();
  }
}

async function backUp(path: string): Promise<void> {
  await withClient(databaseUrl(), async (client) => {
    const { tables, rows, bytes } = await writeBackup(client, path);
    console.log(
      `${path}: ${rows} rows of ${tables} tables, ${Math.ceil(bytes / 1024)} KiB. Keep ENCRYPTION_KEYS elsewhere: it is worth nothing without them.`,
    );
  });
}

async function restore(path: string): Promise<void> {
  const url = databaseUrl();
  const backup = await openBackup(path);
  try {
    await withClient(url, (client) => assertEmpty(client, backup.head));
    // The tables as they were then; what this version has changed since is applied to the rows as well.
    await migrate({ databaseUrl: url, only: backup.head.migrations });
    await withClient(url, async (client) => {
      const rows = await backup.restore(client);
      console.log(`${rows} rows of ${backup.head.madeAt} are back. \`ponte keys status\` says whether the keys fit them.`);
    });
    const later = await migrate({ databaseUrl: url });
    if (later.length > 0) console.log(`Brought up to date: ${later.join(', ')}`);
  } finally {
    backup.close();
  }
}

/** `ponte backup FILE` */
export const createBackupCommand = (): Command =>
  new Command('backup').argument('<file>', 'to be made; what is there already stays').action(backUp);

/** `ponte restore FILE` */
export const createRestoreCommand = (): Command =>
  new Command('restore').argument('<file>', 'made by `ponte backup`, of this version or an earlier one').action(restore);
