import type { IncomingHttpHeaders } from 'node:http';
import { headerToken } from '../../shared/auth/header-token.ts';
import { hashToken, secretsEqual } from '../../shared/auth/tokens.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { Caller, Customer } from './caller.ts';
import { findCaller } from './queries/find-caller.ts';

export interface Authenticator {
  /** Says who sent these headers. Rejects only when the database is away. */
  identify(headers: IncomingHttpHeaders): Promise<Caller>;
  /** Whose the token with this SHA-256 is; undefined where it is nobody's. */
  holderOf(tokenHash: string): Promise<Customer | undefined>;
}

/** Tokens are looked up by their SHA-256: neither the database nor a timing tells anything about them. */
export function createAuthenticator(deps: { prisma: PrismaClient; bridgeToken: string | undefined }): Authenticator {
  const { prisma, bridgeToken } = deps;

  async function holderOf(tokenHash: string): Promise<Customer | undefined> {
    const found = await findCaller(prisma, tokenHash);
    return found === undefined ? undefined : { ...found, tokenHash };
  }

  return {
    holderOf,
    async identify(headers) {
      const token = headerToken(headers);
      if (token === undefined) return { kind: 'anonymous' };
      if (bridgeToken !== undefined && secretsEqual(token, bridgeToken)) return { kind: 'bridge' };
      return (await holderOf(hashToken(token))) ?? { kind: 'unknown' };
    },
  };
}
