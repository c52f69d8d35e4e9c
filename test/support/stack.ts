import { createTestDatabase } from './database.ts';
import { startProcess } from './processes.ts';
import { createRedisDatabase } from './redis.ts';
import { type Stack, type StackOptions, startStackProcesses } from './stack-processes.ts';

export type { Answer, QueueEngine, Stack, StackOptions, StackProcess } from './stack-processes.ts';

/** Api, worker and bridge as real processes by their own entry files, on a database (and a Redis) of their own. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const testDatabase = await createTestDatabase();
  const redis = options.engine === 'redis' ? await redisOf(options.redisUrl) : undefined;
  const stack = await startStackProcesses(options, { databaseUrl: testDatabase.url, redisUrl: redis?.url, startProcess });
  return {
    ...stack,
    /** At once: what a stop does is for the tests of shutdown to see. */
    async stop() {
      await Promise.all(stack.processes().map((process) => process.kill9()));
      await stack.stop();
      await redis?.drop();
      await testDatabase.drop();
    },
  };
}

async function redisOf(url: string | undefined): Promise<{ url: string; drop(): Promise<void> }> {
  return url === undefined ? createRedisDatabase() : { url, drop: async () => {} };
}
