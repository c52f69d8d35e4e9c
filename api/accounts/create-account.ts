import { createId, createToken, hashToken } from '../../shared/auth/tokens.ts';
import type { PrismaClient } from '../../shared/database/database.ts';

/** Makes an account and answers its TokenAccount, which is stored only as a hash: this is the one time it can be seen. */
export async function createAccount(prisma: PrismaClient, name: string): Promise<{ id: string; name: string; token: string }> {
  const token = createToken('account');
  const account = await prisma.account.create({ data: { id: createId('acc'), name, tokenHash: hashToken(token) } });
  return { id: account.id, name: account.name, token };
}
