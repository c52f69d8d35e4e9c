import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils';
import type * as SchemaEngineModule from '@prisma/schema-engine-wasm/schema_engine_bg';

const require = createRequire(import.meta.url);

type Linkable = typeof SchemaEngineModule & { __wbg_set_wasm(exports: unknown): void };
// The WebAssembly global is typed in the DOM library only, which a server has no other use for.
const { WebAssembly } = globalThis as unknown as {
  WebAssembly: {
    instantiate(bytes: Uint8Array, imports: object): Promise<{ instance: { exports: { __wbindgen_start(): void } } }>;
  };
};

let loaded: Promise<typeof SchemaEngineModule> | undefined;

// The package's own entry imports the .wasm file as a module, which Node 20 cannot do: load and link it by hand.
async function load(): Promise<typeof SchemaEngineModule> {
  const glue = (await import('@prisma/schema-engine-wasm/schema_engine_bg')) as Linkable;
  const file = require.resolve('@prisma/schema-engine-wasm/schema_engine_bg').replace(/\.js$/, '.wasm');
  const { instance } = await WebAssembly.instantiate(await readFile(file), { './schema_engine_bg.js': glue });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return glue;
}

/**
 * Prisma's own schema engine as WebAssembly, over the pg adapter: what `prisma migrate` runs, without its native binary
 * (which would have to be downloaded).
 */
export async function createSchemaEngine(
  databaseUrl: string,
  connectTimeoutMs: number,
): Promise<SchemaEngineModule.SchemaEngine> {
  loaded ??= load();
  const { SchemaEngine } = await loaded;
  const adapter = bindMigrationAwareSqlAdapterFactory(
    new PrismaPg({ connectionString: databaseUrl, connectionTimeoutMillis: connectTimeoutMs }),
  );
  return SchemaEngine.new({ datamodels: undefined }, () => {}, adapter);
}
