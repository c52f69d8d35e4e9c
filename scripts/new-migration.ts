// Writes prisma/migrations/<timestamp>_<name>/migration.sql: what prisma/schema.prisma has that the migrations have not.
// Usage: DATABASE_URL=<an empty scratch database> npx tsx scripts/new-migration.ts NAME
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { migrate } from '../shared/database/migrate.ts';
import { createSchemaEngine } from '../shared/database/schema-engine.ts';
import { projectRoot } from '../shared/project-root.ts';

const name = process.argv[2];
const databaseUrl = process.env.DATABASE_URL;
if (!name || !databaseUrl) {
  console.error('Usage: DATABASE_URL=<an empty scratch database> npx tsx scripts/new-migration.ts NAME');
  process.exit(2);
}

await migrate({ databaseUrl });
const schema = join(projectRoot, 'prisma', 'schema.prisma');
const files = [{ path: schema, content: await readFile(schema, 'utf8') }];
const { engine, close } = await createSchemaEngine(databaseUrl, 5_000);
const { stdout } = await engine.diff({
  // The data source of a schema is the database that the engine's adapter is connected to.
  from: { tag: 'schemaDatasource', files, configDir: projectRoot },
  to: { tag: 'schemaDatamodel', files },
  script: true,
  exitCode: null,
  filters: { externalTables: ['public._prisma_migrations'], externalEnums: [] },
});
await close();
if (!stdout || stdout.includes('This is an empty migration')) {
  console.log('prisma/schema.prisma and prisma/migrations agree: nothing to write');
  process.exit(0);
}
const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
const dir = join(projectRoot, 'prisma', 'migrations', `${stamp}_${name}`);
await mkdir(dir, { recursive: true });
await writeFile(join(dir, 'migration.sql'), stdout);
console.log(`wrote ${dir}/migration.sql: read it, and add by hand what Prisma cannot express`);
