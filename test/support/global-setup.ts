import { statfs } from 'node:fs/promises';
import { freemem, tmpdir } from 'node:os';
import pg from 'pg';
import type { TestProject } from 'vitest/node';
import { migrate } from '../../shared/database/migrate.ts';
import { migrateQueue } from '../../shared/queue/engine.ts';
import { bundleProject } from './bundle.ts';
import { startRedis } from './redis.ts';
import { startThrowawayPostgres } from './throwaway-postgres.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    /** `adminUrl` may create databases; `template` is the name of the migrated one that they are cloned from. */
    postgres: { adminUrl: string; template: string };
    redisUrl: string;
    /** Where the bundles are of what tests start as processes. */
    bundlesDir: string;
  }
}

const TEMPLATE = 'ponte_template';
/** The databases of a run take a tenth of it, most of the time. */
const LEAST_ROOM_BYTES = 8 * 2 ** 30;

/** One PostgreSQL and one Redis for the whole run, both real, on free ports, gone afterwards; and bundles of what tests start as processes. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const [postgres, redis, bundlesDir] = await Promise.all([startMigratedPostgres(), startRedis(), bundleProject()]);
  project.provide('postgres', { adminUrl: postgres.url, template: TEMPLATE });
  project.provide('redisUrl', redis.url);
  project.provide('bundlesDir', bundlesDir);
  // With --watch.
  project.onTestsRerun(async () => void (await bundleProject()));
  return async () => {
    await Promise.all([postgres.stop(), redis.stop()]);
  };
}

async function startMigratedPostgres(): ReturnType<typeof startThrowawayPostgres> {
  const postgres = await startThrowawayPostgres({ place: await quickestPlace() });
  await migrateTemplate(postgres.url);
  return postgres;
}

/** A clone of a database is some five hundred files: in memory, where there is plenty of it, they take a quarter of the time. */
async function quickestPlace(): Promise<string> {
  const place = await statfs('/dev/shm').catch(() => undefined);
  const room = place === undefined ? 0 : Math.min(place.bavail * place.bsize, freemem());
  return room < LEAST_ROOM_BYTES ? tmpdir() : '/dev/shm';
}

async function migrateTemplate(adminUrl: string): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    await admin.query(`CREATE DATABASE ${TEMPLATE}`);
    const url = new URL(adminUrl);
    url.pathname = `/${TEMPLATE}`;
    await migrate({ databaseUrl: url.href });
    await migrateQueue({ kind: 'postgres', url: url.href });
    await keepCatalog(url.href);
  } finally {
    await admin.end();
  }
}

/** Whoever connects first after a change writes down what the catalog says, for those who come later; a clone gets that too. */
async function keepCatalog(url: string): Promise<void> {
  const first = new pg.Client({ connectionString: url });
  await first.connect();
  await first.end();
}
