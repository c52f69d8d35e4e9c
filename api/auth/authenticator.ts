import type { IncomingHttpHeaders } from 'node:http';
import type pg from 'pg';
import { headerToken } from '../../shared/auth/header-token.ts';
import { hashToken, secretsEqual } from '../../shared/auth/tokens.ts';
import { createGathering } from '../../shared/gathering.ts';
import { type Caller, type Customer, instanceIn } from './caller.ts';
import { type AskedCaller, type FoundCaller, findCallers } from './queries/find-caller.ts';

export interface Authenticator {
  /** Says who sent these headers, with the instance of that name where an account did. Rejects only when the database is away. */
  identify(headers: IncomingHttpHeaders, instanceName?: string): Promise<Caller>;
  /** Whose the token with this SHA-256 is; undefined where it is nobody's. */
  holderOf(tokenHash: string): Promise<Customer | undefined>;
}

/** Every request waits for this first: hundreds of one customer must not stand in front of the others. */
const LOOKED_UP_TOGETHER = { width: 1, most: 100, silentMs: 250 };

/** Tokens are looked up by their SHA-256: neither the database nor a timing tells anything about them. */
export function createAuthenticator(deps: { pool: pg.Pool; bridgeToken: string | undefined }): Authenticator {
  const { pool, bridgeToken } = deps;
  const findCaller = createGathering<AskedCaller, FoundCaller | undefined>({
    ...LOOKED_UP_TOGETHER,
    ask: (asked) => findCallers(pool, asked),
  });

  async function holderOf(tokenHash: string, instanceName?: string): Promise<Customer | undefined> {
    const found = await findCaller({ tokenHash, instanceName });
    return found === undefined ? undefined : customerOf(found, tokenHash);
  }

  return {
    holderOf: (tokenHash) => holderOf(tokenHash),
    async identify(headers, instanceName) {
      const token = headerToken(headers);
      if (token === undefined) return { kind: 'anonymous' };
      if (bridgeToken !== undefined && secretsEqual(token, bridgeToken)) return { kind: 'bridge' };
      return (await holderOf(hashToken(token), instanceName)) ?? { kind: 'unknown' };
    },
  };
}

function customerOf(found: FoundCaller, tokenHash: string): Customer {
  if (found.kind === 'instance') return { ...found, tokenHash };
  const { accountId, isCurrent } = found;
  if (found.instanceId === null) return { kind: 'account', accountId, isCurrent, tokenHash };
  return { kind: 'account', accountId, isCurrent, tokenHash, named: instanceIn(found) };
}
