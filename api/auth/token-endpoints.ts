import { z } from 'zod';
import type { PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { readJsonBody } from '../http/json-body.ts';
import { parseBody } from '../http/validate.ts';
import type { AccountCaller } from './caller.ts';
import { chosenTokenSchema } from './chosen-token.ts';
import type { AccountCall, InstanceCall } from './guards.ts';
import { LONGEST_OVERLAP_SECONDS, OVERLAP_SECONDS, type RenewedToken, renewToken, revokeToken } from './renewal.ts';

const overlapFault = `must be a whole number of seconds from 0 to ${LONGEST_OVERLAP_SECONDS}`;
export const renewAccountTokenBodySchema = z.object({
  overlapSeconds: z
    .int({ error: overlapFault })
    .min(0, overlapFault)
    .max(LONGEST_OVERLAP_SECONDS, overlapFault)
    .nullish()
    .meta({ description: `How long the old token stays valid; 0 ends it at once. Default: ${OVERLAP_SECONDS}, a day.` }),
});
export const renewInstanceTokenBodySchema = renewAccountTokenBodySchema.extend({
  token: chosenTokenSchema
    .nullish()
    .meta({ description: 'The new token, random and of 32 characters or more. Left out, one is generated.' }),
});

/** Gives an account another TokenAccount. Throws PonteError as `renewToken`, `invalid_body`, and `token_superseded` for the token before. */
export async function renewAccountToken(
  prisma: PrismaClient,
  { accountId, isCurrent }: Pick<AccountCaller, 'accountId' | 'isCurrent'>,
  body: unknown,
): Promise<RenewedToken> {
  const { overlapSeconds } = parseBody(renewAccountTokenBodySchema, body);
  // Who has stolen the old one must not be able to take the account with it.
  if (!isCurrent) throw new PonteError('token_superseded');
  return renewToken(prisma, { kind: 'account', id: accountId }, { overlapSeconds: overlapSeconds ?? undefined });
}

/** Gives an instance another TokenInstance. Throws PonteError as `renewToken`, and `invalid_body`. */
export async function renewInstanceToken(prisma: PrismaClient, { id }: { id: string }, body: unknown): Promise<RenewedToken> {
  const { token, overlapSeconds } = parseBody(renewInstanceTokenBodySchema, body);
  const given = { token: token ?? undefined, overlapSeconds: overlapSeconds ?? undefined };
  return renewToken(prisma, { kind: 'instance', id }, given);
}

/** `POST /api/account/token` */
export function createRenewAccountToken({ prisma }: { prisma: PrismaClient }) {
  return async ({ request, response, caller }: AccountCall): Promise<void> => {
    response.json(shown(await renewAccountToken(prisma, caller, await readJsonBody(request, response))));
  };
}

/** `POST /api/instance/token/:instance` */
export function createRenewInstanceToken({ prisma }: { prisma: PrismaClient }) {
  return async ({ request, response, caller, instance }: InstanceCall): Promise<void> => {
    if (caller.kind !== 'account') throw new PonteError('account_token_required');
    response.json(shown(await renewInstanceToken(prisma, instance, await readJsonBody(request, response))));
  };
}

/** `DELETE /api/instance/token/:instance`: the instance has no token any more until it is given another one. */
export function createRevokeInstanceToken({ prisma }: { prisma: PrismaClient }) {
  return async ({ response, caller, instance }: InstanceCall): Promise<void> => {
    if (caller.kind !== 'account') throw new PonteError('account_token_required');
    await revokeToken(prisma, { kind: 'instance', id: instance.id });
    response.json({ success: true, message: 'Token revoked successfully' });
  };
}

const shown = ({ token, previousEndsAt }: RenewedToken) => ({
  success: true,
  message: 'Token renewed successfully',
  token,
  previous_token_valid_until: previousEndsAt?.toISOString() ?? null,
});
