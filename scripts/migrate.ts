// npm run migrate: brings the databases up to date: Ponte's tables (in both, where the bridge has its own) and the queue's.
import { existsSync } from 'node:fs';
import { readDatabaseConfig } from '../shared/config/config.ts';
import { migrate } from '../shared/database/migrate.ts';
import { PonteError } from '../shared/errors/ponte-error.ts';
import { migrateQueue, queueLocation } from '../shared/queue/engine.ts';

if (existsSync('.env')) process.loadEnvFile('.env');
try {
  const config = readDatabaseConfig(process.env);
  const databases = new Set([config.DATABASE_URL, config.BRIDGE_DATABASE_URL ?? config.DATABASE_URL]);
  for (const databaseUrl of databases) {
    const applied = await migrate({ databaseUrl });
    const { host, pathname } = new URL(databaseUrl);
    console.log(`${host}${pathname}: ${applied.length === 0 ? 'up to date' : `applied ${applied.join(', ')}`}`);
  }
  await migrateQueue(queueLocation(config));
} catch (error) {
  if (!(error instanceof PonteError)) throw error;
  console.error(`migrate: ${error.message}`);
  process.exit(1);
}
