import type { IncomingHttpHeaders } from 'node:http';
import { headerToken } from '../../shared/auth/header-token.ts';
import { hashToken, secretsEqual } from '../../shared/auth/tokens.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { Caller } from './caller.ts';

export interface Authenticator {
  /** Says who sent these headers. Rejects only when the database is away. */
  identify(headers: IncomingHttpHeaders): Promise<Caller>;
}

/** Tokens are looked up by their SHA-256: neither the database nor a timing tells anything about them. */
export function createAuthenticator(deps: { prisma: PrismaClient; bridgeToken: string | undefined }): Authenticator {
  const { prisma, bridgeToken } = deps;

  return {
    async identify(headers) {
      const token = headerToken(headers);
      if (token === undefined) return { kind: 'anonymous' };
      if (bridgeToken !== undefined && secretsEqual(token, bridgeToken)) return { kind: 'bridge' };
      const tokenHash = hashToken(token);
      const [account, instance] = await Promise.all([
        prisma.account.findUnique({ where: { tokenHash }, select: { id: true } }),
        prisma.instance.findUnique({
          where: { tokenHash },
          select: { id: true, name: true, accountId: true, engineKind: true, engineName: true },
        }),
      ]);
      if (account) return { kind: 'account', accountId: account.id, tokenHash };
      if (!instance) return { kind: 'unknown' };
      return {
        kind: 'instance',
        accountId: instance.accountId,
        instanceId: instance.id,
        instanceName: instance.name,
        engineKind: instance.engineKind,
        engineName: instance.engineName,
        tokenHash,
      };
    },
  };
}
