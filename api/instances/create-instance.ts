import { createId, createToken, hashToken } from '../../shared/auth/tokens.ts';
import { type PrismaClient, uniqueViolation } from '../../shared/database/database.ts';
import type { Keyring } from '../../shared/encryption/keyring.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { isTokenTaken } from '../auth/queries/find-caller.ts';
import { type EngineSettings, newEngine } from './engine-settings.ts';
import type { NewInstanceBody } from './new-body.ts';

export interface CreatedInstance {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly engineKind: string;
  readonly engineName: string | null;
  /** The TokenInstance: this is the one time it can be seen. */
  readonly token: string;
  readonly createdAt: Date;
}

/** Throws PonteError `invalid_body` (of the engine), `instance_name_taken` or `instance_token_taken`. */
export async function createInstance(
  { prisma, keyring }: { prisma: PrismaClient; keyring: Keyring },
  accountId: string,
  body: NewInstanceBody,
): Promise<CreatedInstance> {
  const { name } = body;
  const engine = newEngine(body);
  const id = createId('ins');
  const token = body.token ?? createToken('instance');
  const tokenHash = hashToken(token);
  // One that is an account's would be taken for that account from then on.
  if (await isTokenTaken(prisma, tokenHash)) throw new PonteError('instance_token_taken');
  try {
    const created = await prisma.instance.create({
      data: { id, accountId, name, tokenHash, ...engineColumns(keyring, id, engine) },
      select: { engineKind: true, engineName: true, createdAt: true },
    });
    return { id, accountId, name, token, ...created };
  } catch (error) {
    const violated = uniqueViolation(error);
    if (violated === undefined) throw error;
    throw /token/.test(violated) ? new PonteError('instance_token_taken') : new PonteError('instance_name_taken', { name });
  }
}

/** The columns of an engine, its secrets as envelopes; one that is undefined is left as it is. */
export function engineColumns<Secret extends string | null | undefined>(
  keyring: Keyring,
  instanceId: string,
  { kind, url, name, token, secret }: Omit<EngineSettings, 'token' | 'secret'> & { token: Secret; secret: Secret },
) {
  const seal = (text: Secret, purpose: 'engine-token' | 'engine-secret') =>
    text == null ? text : keyring.encrypt(text, { purpose, owner: instanceId });
  return {
    engineKind: kind,
    engineUrl: url,
    engineName: name,
    engineToken: seal(token, 'engine-token'),
    engineSecret: seal(secret, 'engine-secret'),
  };
}
