import { Command } from 'commander';
import { readDatabaseConfig } from '../shared/config/config.ts';
import { migrate } from '../shared/database/migrate.ts';
import { migrateQueue, queueLocation } from '../shared/queue/engine.ts';

/** Ponte's tables (in both databases, where the bridge has its own) and the queue's. */
async function migrateAll(): Promise<void> {
  const config = readDatabaseConfig(process.env);
  const databases = new Set([config.DATABASE_URL, config.BRIDGE_DATABASE_URL ?? config.DATABASE_URL]);
  for (const databaseUrl of databases) {
    const applied = await migrate({ databaseUrl });
    const { host, pathname } = new URL(databaseUrl);
    console.log(`${host}${pathname}: ${applied.length === 0 ? 'up to date' : `applied ${applied.join(', ')}`}`);
  }
  await migrateQueue(queueLocation(config));
}

/** `ponte migrate` */
export const createMigrateCommand = (): Command => new Command('migrate').action(migrateAll);
