import type { Request } from 'express';
import type { PrismaClient } from '../database/database.ts';
import { clientNetwork } from '../http/client-network.ts';
import { FAILED_LOGINS_RETRY_SECONDS, FAILURES_PER_MINUTE } from './failed-logins.ts';
import { countAttempt } from './queries/count-attempt.ts';
import { hashToken } from './tokens.ts';

const WINDOW_MS = 1_000 * FAILED_LOGINS_RETRY_SECONDS;

export interface LoginAttempts {
  /** Whether this one may be listened to. It counts from now on, so that hundreds at the same time are no more than ten. */
  begin(request: Request): Promise<boolean>;
  /** It was the right one: it does not count. */
  succeeded(request: Request): Promise<void>;
}

/**
 * Counts failed logins by address in rows, so that the limit is one, whatever process they reach. Of an address only the hash is kept. Those of
 * account holders at the console keep no operator from logging in.
 */
export function createLoginAttempts({ prisma, of }: { prisma: PrismaClient; of: 'holders' | 'operators' }): LoginAttempts {
  const prefix = of === 'operators' ? 'operators ' : '';
  const hashOf = (request: Request): string => hashToken(prefix + clientNetwork(request));
  return {
    begin: async (request) => (await countAttempt(prisma, hashOf(request), WINDOW_MS)) <= FAILURES_PER_MINUTE,
    async succeeded(request) {
      await prisma.loginAttempts.updateMany({ where: { networkHash: hashOf(request) }, data: { count: { decrement: 1 } } });
      await prisma.loginAttempts.deleteMany({ where: { endsAt: { lt: new Date(Date.now() - WINDOW_MS) } } });
    },
  };
}
