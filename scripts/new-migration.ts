// Writes prisma/migrations/<timestamp>_<name>/migration.sql: what prisma/schema.prisma has that the migrations have not.
// Usage: DATABASE_URL=<an empty scratch database> npx tsx scripts/new-migration.ts NAME
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { migrate } from '../shared/database/migrate.ts';
import { projectRoot } from '../shared/project-root.ts';
import { missingSql } from './migrations/missing-sql.ts';

const name = process.argv[2];
const databaseUrl = process.env.DATABASE_URL;
if (!name || !databaseUrl) {
  console.error('Usage: DATABASE_URL=<an empty scratch database> npx tsx scripts/new-migration.ts NAME');
  process.exit(2);
}

await migrate({ databaseUrl });
const script = await missingSql(databaseUrl);
if (script === undefined) {
  console.log('prisma/schema.prisma and prisma/migrations agree: nothing to write');
  process.exit(0);
}
const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
const dir = join(projectRoot, 'prisma', 'migrations', `${stamp}_${name}`);
await mkdir(dir, { recursive: true });
await writeFile(join(dir, 'migration.sql'), script);
console.log(`wrote ${dir}/migration.sql: read it, and add by hand what Prisma cannot express`);
