import { Redis } from 'ioredis';
import pg from 'pg';

/** Every row of every table of every schema, as text: what anybody who can read the database can see. */
export async function dumpDatabase(url: string): Promise<string> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows: tables } = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    const parts: string[] = [];
    for (const { name } of tables) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
      parts.push(name, ...rows.map(({ row }) => row));
    }
    return parts.join('\n');
  } finally {
    await client.end();
  }
}

/** Every key of a Redis database with its value, whatever its type, streams included. */
export async function dumpRedis(url: string): Promise<string> {
  const client = new Redis(url);
  try {
    const parts: string[] = [];
    for await (const keys of client.scanStream({ count: 500 })) {
      for (const key of keys as string[]) parts.push(key, JSON.stringify(await read(client, key)));
    }
    return parts.join('\n');
  } finally {
    client.disconnect();
  }
}

async function read(client: Redis, key: string): Promise<unknown> {
  const type = await client.type(key);
  if (type === 'string') return client.get(key);
  if (type === 'hash') return client.hgetall(key);
  if (type === 'list') return client.lrange(key, 0, -1);
  if (type === 'set') return client.smembers(key);
  if (type === 'zset') return client.zrange(key, 0, -1, 'WITHSCORES');
  if (type === 'stream') return client.xrange(key, '-', '+');
  return type;
}
