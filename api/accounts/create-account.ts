import { z } from 'zod';
import { createId, createToken, hashToken } from '../../shared/auth/tokens.ts';
import { type PrismaClient, uniqueViolation } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';

export const newAccountBodySchema = z.object({
  name: z.string({ error: 'must be text' }).trim().min(1, 'is required').max(100, 'must have at most 100 characters'),
});

/**
 * Makes an account and answers its TokenAccount, which is stored only as a hash: this is the one time it can be seen.
 * Throws PonteError `account_name_taken`.
 */
export async function createAccount(prisma: PrismaClient, name: string): Promise<{ id: string; name: string; token: string }> {
  const token = createToken('account');
  const data = { id: createId('acc'), name, tokenHash: hashToken(token) };
  const account = await prisma.account.create({ data }).catch((error: unknown) => {
    throw uniqueViolation(error) === undefined ? error : new PonteError('account_name_taken', { name });
  });
  return { id: account.id, name: account.name, token };
}
