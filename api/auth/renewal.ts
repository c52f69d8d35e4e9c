import { createToken, hashToken } from '../../shared/auth/tokens.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { isTokenTaken } from './queries/find-caller.ts';
import { replaceToken, revokeTokens, type TokenOwner } from './queries/replace-token.ts';

/** How long the old token stays valid unless told: for whoever uses it to be given the new one. */
export const OVERLAP_SECONDS = 86_400;
export const LONGEST_OVERLAP_SECONDS = 30 * OVERLAP_SECONDS;

const GONE = { account: 'account_not_found', instance: 'instance_not_found' } as const;

export interface RenewedToken {
  /** This is the one time it can be seen. */
  readonly token: string;
  /** When the old one ends; null where it has ended already. */
  readonly previousEndsAt: Date | null;
}

/**
 * Gives an account or an instance another token; no process remembers the old one, so the new state counts everywhere at once. `token` is one
 * that the customer chose. Throws PonteError `instance_token_taken`, `instance_not_found` or `account_not_found`.
 */
export async function renewToken(
  prisma: PrismaClient,
  owner: TokenOwner,
  { token = createToken(owner.kind), overlapSeconds = OVERLAP_SECONDS }: { token?: string; overlapSeconds?: number } = {},
): Promise<RenewedToken> {
  const tokenHash = hashToken(token);
  if (await isTokenTaken(prisma, tokenHash)) throw new PonteError('instance_token_taken');
  const replaced = await replaceToken(prisma, owner, { tokenHash, overlapSeconds });
  if (replaced === undefined) throw new PonteError(GONE[owner.kind]);
  return { token, previousEndsAt: replaced.endsAt };
}

/** Ends every token of an account or an instance at once, the one before included. Throws as `renewToken` does. */
export async function revokeToken(prisma: PrismaClient, owner: TokenOwner): Promise<void> {
  if (!(await revokeTokens(prisma, owner, hashToken(createToken(owner.kind))))) throw new PonteError(GONE[owner.kind]);
}
