import { createToken, hashToken } from '../../shared/auth/tokens.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { Holder, UseCases } from './use-cases.ts';

/** A working day and a bit: whoever opens the console in the morning is not asked again until the evening. */
export const SESSION_MS = 12 * 3_600_000;

export interface Sessions {
  /** Resolves with what the cookie holds, or undefined for a token that is nobody's. */
  begin(token: string): Promise<string | undefined>;
  /** Who is logged in with this cookie; undefined once the session or its token has ended. */
  find(secret: string): Promise<Holder | undefined>;
  end(secret: string): Promise<void>;
}

/** Sessions are rows, so that a logout is one, whatever process it reaches; only hashes are kept, of the cookie as of the token. */
export function createSessions({ prisma, holderOf }: { prisma: PrismaClient } & Pick<UseCases, 'holderOf'>): Sessions {
  const table = prisma.consoleSession;
  return {
    async begin(token) {
      const tokenHash = hashToken(token);
      if ((await holderOf(tokenHash)) === undefined) return undefined;
      const secret = createToken('session');
      await table.deleteMany({ where: { expiresAt: { lt: new Date() } } });
      await table.create({ data: { id: hashToken(secret), tokenHash, expiresAt: new Date(Date.now() + SESSION_MS) } });
      return secret;
    },
    async find(secret) {
      const row = await table.findUnique({ where: { id: hashToken(secret) } });
      return row === null || row.expiresAt.getTime() <= Date.now() ? undefined : holderOf(row.tokenHash);
    },
    async end(secret) {
      await table.deleteMany({ where: { id: hashToken(secret) } });
    },
  };
}
