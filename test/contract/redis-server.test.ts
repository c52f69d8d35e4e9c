import { Redis } from 'ioredis';
import { afterEach, expect, it } from 'vitest';
import { createRedisDatabase, type RedisServer, startRedis } from '../support/redis.ts';

let server: RedisServer | undefined;

afterEach(async () => {
  await server?.stop();
  server = undefined;
});

async function withClient<T>(url: string, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { maxRetriesPerRequest: 1, retryStrategy: null });
  client.on('error', () => {});
  try {
    return await use(client);
  } finally {
    client.disconnect();
  }
}

it('an append-only server that is killed has its data again after a restart, on the same port, in a new process', async () => {
  server = await startRedis({ appendonly: true });
  const { url } = server;
  const before = server.pid();
  await withClient(url, async (client) => {
    await client.config('SET', 'appendfsync', 'always');
    await client.set('kept', 'yes');
  });

  await server.kill9();
  await expect(withClient(url, (client) => client.get('kept'))).rejects.toThrow();
  await server.restart();

  expect(await withClient(url, (client) => client.get('kept'))).toBe('yes');
  expect(server.pid()).not.toBe(before);
});

it('a stopped process is still ended by stop', async () => {
  server = await startRedis();
  const { url } = server;
  process.kill(server.pid(), 'SIGSTOP');

  await server.stop();

  await expect(withClient(url, (client) => client.ping())).rejects.toThrow();
});

it('databases of the shared server do not see each other', async () => {
  const [one, other] = await Promise.all([createRedisDatabase(), createRedisDatabase()]);

  await withClient(one.url, (client) => client.set('mine', '1'));

  expect(await withClient(other.url, (client) => client.dbsize())).toBe(0);
  await one.drop();
  expect(await withClient(one.url, (client) => client.dbsize())).toBe(0);
});
