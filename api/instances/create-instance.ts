import { createId, createToken, hashToken } from '../../shared/auth/tokens.ts';
import { type PrismaClient, uniqueViolation } from '../../shared/database/database.ts';
import type { Keyring } from '../../shared/encryption/keyring.ts';
import type { EngineKind } from '../../shared/engines/registry.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { isTokenTaken } from '../auth/queries/find-caller.ts';
import type { NewInstanceBody } from './new-body.ts';

export interface CreatedInstance {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly engineKind: string;
  /** The TokenInstance: this is the one time it can be seen. */
  readonly token: string;
  readonly createdAt: Date;
}

/** Throws PonteError `instance_name_taken` or `instance_token_taken`. */
export async function createInstance(
  { prisma, keyring }: { prisma: PrismaClient; keyring: Keyring },
  accountId: string,
  { name, token = createToken('instance'), engineKind, engineUrl = null, engineToken = null }: Given,
): Promise<CreatedInstance> {
  const id = createId('ins');
  const tokenHash = hashToken(token);
  // One that is an account's would be taken for that account from then on.
  if (await isTokenTaken(prisma, tokenHash)) throw new PonteError('instance_token_taken');
  try {
    const created = await prisma.instance.create({
      data: {
        id,
        accountId,
        name,
        tokenHash,
        engineKind,
        engineUrl,
        engineToken: engineToken === null ? null : keyring.encrypt(engineToken, { purpose: 'engine-token', owner: id }),
      },
      select: { engineKind: true, createdAt: true },
    });
    return { id, accountId, name, token, ...created };
  } catch (error) {
    const violated = uniqueViolation(error);
    if (violated === undefined) throw error;
    throw /token/.test(violated) ? new PonteError('instance_token_taken') : new PonteError('instance_name_taken', { name });
  }
}

type Given = { name: string; token?: string; engineKind?: EngineKind; engineUrl?: string | null; engineToken?: string | null };

/** Absent and null mean the same in a body, and only there. */
export const givenOf = ({ name, token, engineKind, engineUrl, engineToken }: NewInstanceBody): Given => ({
  name,
  token: token ?? undefined,
  engineKind: engineKind ?? undefined,
  engineUrl,
  engineToken,
});
