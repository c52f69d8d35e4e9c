import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { PrismaPg } from '@prisma/adapter-pg';
import {
  bindMigrationAwareSqlAdapterFactory,
  ColumnTypeEnum,
  DriverAdapterError,
  type SqlDriverAdapter,
  type SqlQuery,
  type SqlResultSet,
} from '@prisma/driver-adapter-utils';
import type * as SchemaEngineModule from '@prisma/schema-engine-wasm/schema_engine_bg';
import pg from 'pg';

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
  const { instance } = await WebAssembly.instantiate(await readFile(file), { './schema_engine_bg.js': withIdleTimers(glue) });
  // Where the engine reports a panic; without it the reason would be lost.
  Object.assign(globalThis, {
    PRISMA_WASM_PANIC_REGISTRY: {
      set_message: (message: string) => {
        throw new Error(`the schema engine gave up: ${message}`);
      },
    },
  });
  glue.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return glue;
}

// The engine leaves a timer of 10 s behind whenever it takes its lock: a process must not have to wait for that before it can end.
function withIdleTimers(glue: object): object {
  const setIdleTimeout = (callback: () => void, delayMs: number) => setTimeout(callback, delayMs).unref();
  return Object.fromEntries(
    Object.entries(glue).map(([name, value]) => [name, name.startsWith('__wbg_setTimeout_') ? setIdleTimeout : value]),
  );
}

// PostgreSQL's own one-letter type "char", which its catalogue is full of.
const PG_CHAR = 18;
const PG_CHAR_ARRAY = 1002;

export interface SchemaEngineSession {
  readonly engine: SchemaEngineModule.SchemaEngine;
  /** Ends its connection; the engine itself would leave it open. */
  close(): Promise<void>;
}

/**
 * Prisma's own schema engine as WebAssembly, over the pg adapter: what `prisma migrate` runs, without its native binary
 * (which would have to be downloaded). For development only: migrations are written with it, and tests hold against it what
 * shared/database/migrate.ts makes of them.
 */
export async function createSchemaEngine(databaseUrl: string): Promise<SchemaEngineSession> {
  loaded ??= load();
  const { SchemaEngine } = await loaded;
  // One connection: the engine thinks in sessions, and a pool would spread it over several.
  const pool = passCharacters(new pg.Pool({ connectionString: databaseUrl, connectionTimeoutMillis: 5_000, max: 1 }));
  const factory = new PrismaPg(pool);
  const connect = async () => mendAdapter(await factory.connect(), pool);
  const adapter = bindMigrationAwareSqlAdapterFactory({
    provider: factory.provider,
    adapterName: factory.adapterName,
    connect,
    connectToShadowDb: () => Promise.reject(new Error('nothing here may use a shadow database: it would be emptied')),
  });
  const engine = await SchemaEngine.new({ datamodels: undefined }, () => {}, adapter);
  return {
    engine,
    close: async () => {
      engine.free();
      await pool.end();
    },
  };
}

/**
 * The pg adapter refuses the type "char", in which the schema engine reads PostgreSQL's catalogue. It does pass arrays of it: so the
 * column goes through as one of those, and `asCharacters` tells the engine what it is.
 */
function passCharacters(pool: pg.Pool): pg.Pool {
  const query = pool.query.bind(pool);
  return Object.assign(pool, {
    query: async (config: pg.QueryArrayConfig) => {
      const result = await query(config);
      for (const field of result.fields) if (field.dataTypeID === PG_CHAR) field.dataTypeID = PG_CHAR_ARRAY;
      return result;
    },
  });
}

function asCharacters(columnTypes: SqlResultSet['columnTypes']): SqlResultSet['columnTypes'] {
  return columnTypes.map((type) => (type === ColumnTypeEnum.CharacterArray ? ColumnTypeEnum.Character : type));
}

/** The pg adapter cuts a script at every semicolon, also within a function's body. PostgreSQL takes it whole, and all or nothing. */
function mendAdapter(adapter: SqlDriverAdapter, pool: pg.Pool): SqlDriverAdapter {
  const executeScript = async (script: string) => {
    const client = await pool.connect();
    try {
      await client.query(script);
    } catch (error) {
      if (!(error instanceof pg.DatabaseError)) throw error;
      const { message, detail, column, hint, code = '', severity = 'ERROR' } = error;
      throw new DriverAdapterError({ kind: 'postgres', message, detail, column, hint, code, severity });
    } finally {
      client.release();
    }
  };
  const queryRaw = adapter.queryRaw.bind(adapter);
  return Object.assign(adapter, {
    executeScript,
    queryRaw: async (query: SqlQuery) => {
      const result = await queryRaw(query);
      return { ...result, columnTypes: asCharacters(result.columnTypes) };
    },
  });
}
