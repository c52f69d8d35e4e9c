import type { Request } from 'express';
import { FAILED_LOGINS_RETRY_SECONDS, FAILURES_PER_MINUTE } from '../../shared/auth/failed-logins.ts';
import { hashToken } from '../../shared/auth/tokens.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { clientNetwork } from '../../shared/http/client-network.ts';
import { countAttempt } from './queries/count-attempt.ts';

const WINDOW_MS = 1_000 * FAILED_LOGINS_RETRY_SECONDS;

export interface LoginAttempts {
  /** Whether this one may be listened to. It counts from now on, so that hundreds at the same time are no more than ten. */
  begin(request: Request): Promise<boolean>;
  /** It was the right token: it does not count. */
  succeeded(request: Request): Promise<void>;
}

/** Counts failed logins by address in rows, so that the limit is one, whatever process they reach. Of an address only the hash is kept. */
export function createLoginAttempts({ prisma }: { prisma: PrismaClient }): LoginAttempts {
  const hashOf = (request: Request): string => hashToken(clientNetwork(request));
  return {
    begin: async (request) => (await countAttempt(prisma, hashOf(request), WINDOW_MS)) <= FAILURES_PER_MINUTE,
    async succeeded(request) {
      await prisma.loginAttempts.updateMany({ where: { networkHash: hashOf(request) }, data: { count: { decrement: 1 } } });
      await prisma.loginAttempts.deleteMany({ where: { endsAt: { lt: new Date(Date.now() - WINDOW_MS) } } });
    },
  };
}
