import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from '../../shared/project-root.ts';
import { createSchemaEngine } from './schema-engine.ts';

/** The SQL that would make the database what prisma/schema.prisma says; undefined when it is that already. */
export async function missingSql(databaseUrl: string): Promise<string | undefined> {
  const path = join(projectRoot, 'prisma', 'schema.prisma');
  const files = [{ path, content: await readFile(path, 'utf8') }];
  const { engine, close } = await createSchemaEngine(databaseUrl);
  try {
    const { stdout } = await engine.diff({
      // The data source of a schema is the database that the engine's adapter is connected to.
      from: { tag: 'schemaDatasource', files, configDir: projectRoot },
      to: { tag: 'schemaDatamodel', files },
      script: true,
      exitCode: null,
      filters: { externalTables: ['public._prisma_migrations'], externalEnums: [] },
    });
    return !stdout || stdout.includes('This is an empty migration') ? undefined : stdout;
  } finally {
    await close();
  }
}
