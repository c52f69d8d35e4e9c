import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type * as SchemaEngineModule from '@prisma/schema-engine-wasm/schema_engine_bg';

const require = createRequire(import.meta.url);
let loaded: Promise<typeof SchemaEngineModule> | undefined;

// The package's own entry imports the .wasm file as a module, which Node 20 cannot do: load and link it by hand.
async function load(): Promise<typeof SchemaEngineModule> {
  const glue = (await import('@prisma/schema-engine-wasm/schema_engine_bg')) as typeof SchemaEngineModule & {
    __wbg_set_wasm(exports: WebAssembly.Exports): void;
  };
  const bytes = await readFile(
    require.resolve('@prisma/schema-engine-wasm/schema_engine_bg').replace(/schema_engine_bg\.js$/, 'schema_engine_bg.wasm'),
  );
  const { instance } = await WebAssembly.instantiate(bytes, { './schema_engine_bg.js': glue as unknown as WebAssembly.ModuleImports });
  glue.__wbg_set_wasm(instance.exports);
  (instance.exports as { __wbindgen_start(): void }).__wbindgen_start();
  return glue;
}

/**
 * Prisma's own schema engine as WebAssembly, over the pg adapter: what `prisma migrate` runs, without its native binary
 * (which would have to be downloaded).
 */
export async function createSchemaEngine(databaseUrl: string, connectTimeoutMs: number): Promise<SchemaEngineModule.SchemaEngine> {
  loaded ??= load();
  const { SchemaEngine } = await loaded;
  const adapter = bindMigrationAwareSqlAdapterFactory(
    new PrismaPg({ connectionString: databaseUrl, connectionTimeoutMillis: connectTimeoutMs }),
  );
  return SchemaEngine.new({ datamodels: undefined }, () => {}, adapter);
}
