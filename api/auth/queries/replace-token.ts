import { z } from 'zod';
import { Prisma, type PrismaClient } from '../../../shared/database/database.ts';

/** Whose token. */
export interface TokenOwner {
  readonly kind: 'account' | 'instance';
  readonly id: string;
}

const TABLES = { account: Prisma.raw('accounts'), instance: Prisma.raw('instances') } as const;
const replacedRows = z.array(z.object({ endsAt: z.date().nullable() }));

/**
 * Puts another token in the place of the one there is, which stays valid for `overlapSeconds` by the clock of the database; one that was
 * valid from before ends. Resolves with when the old one ends: null where it has ended already; undefined where there is no such owner.
 */
export async function replaceToken(
  prisma: PrismaClient,
  { kind, id }: TokenOwner,
  { tokenHash, overlapSeconds }: { tokenHash: string; overlapSeconds: number },
): Promise<{ readonly endsAt: Date | null } | undefined> {
  const rows = await prisma.$queryRaw`
    UPDATE ${TABLES[kind]} SET
      previous_token_hash = CASE WHEN ${overlapSeconds}::integer > 0 AND token_revoked_at IS NULL THEN token_hash END,
      previous_token_ends_at = CASE WHEN ${overlapSeconds}::integer > 0 AND token_revoked_at IS NULL
        THEN now() + make_interval(secs => ${overlapSeconds}::integer) END,
      token_hash = ${tokenHash}, token_revoked_at = NULL
    WHERE id = ${id} RETURNING previous_token_ends_at AS "endsAt"`;
  return replacedRows.parse(rows)[0];
}

/** Ends every token of the owner, now. `tokenHash` is that of a token that nobody has. Resolves with whether there is such an owner. */
export async function revokeTokens(prisma: PrismaClient, { kind, id }: TokenOwner, tokenHash: string): Promise<boolean> {
  const count = await prisma.$executeRaw`
    UPDATE ${TABLES[kind]} SET token_hash = ${tokenHash}, previous_token_hash = NULL, previous_token_ends_at = NULL,
      token_revoked_at = now() WHERE id = ${id}`;
  return count > 0;
}
