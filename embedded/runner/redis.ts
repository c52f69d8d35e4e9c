import { Redis } from 'ioredis';
import { PonteError } from '../../shared/errors/ponte-error.ts';

const PATIENCE_MS = 5_000;

/** The services wait for a Redis that comes back; one that was never there is a wrong address, and told before they start. */
export async function assertRedisAnswers(url: string): Promise<void> {
  const redis = new Redis(url, {
    lazyConnect: true,
    connectTimeout: PATIENCE_MS,
    commandTimeout: PATIENCE_MS,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
  });
  let reason: unknown;
  redis.on('error', (error) => {
    reason = error;
  });
  try {
    await redis.connect();
    await redis.ping();
  } catch (error) {
    const cause = reason ?? error;
    throw new PonteError('config_invalid', {
      faults: `REDIS_URL: no Redis answers there (${cause instanceof Error ? cause.message : String(cause)})`,
    });
  } finally {
    redis.disconnect();
  }
}
