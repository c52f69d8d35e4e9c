import { z } from 'zod';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { Keyring } from '../../shared/encryption/keyring.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { InstanceCall } from '../auth/guards.ts';
import { readJsonBody } from '../http/json-body.ts';
import { parseBody } from '../http/validate.ts';
import { changeEngine } from './change-engine.ts';
import { engineBodySchema } from './engine-body.ts';
import { findInstances } from './list.ts';

/** The body of `PATCH /api/instance/:instance`. */
export const patchBodySchema = z.object({
  engine: z
    .object(engineBodySchema.shape, {
      error: ({ input }) => (input === undefined ? 'is required' : 'must be an object'),
    })
    .meta({ description: 'What is left out stays as it is. With another kind or url the token has to be given again.' }),
});

/** `PATCH /api/instance/:instance`: pairs it in another engine, or changes what is known of its own. Chatwoot is not touched. */
export function createPatchInstance(deps: { prisma: PrismaClient; keyring: Keyring }) {
  return async ({ request, response, instance, caller }: InstanceCall): Promise<void> => {
    // Whoever could point an instance elsewhere could read along.
    if (caller.kind !== 'account') throw new PonteError('account_token_required');
    const { engine } = parseBody(patchBodySchema, await readJsonBody(request, response));
    await changeEngine(deps, instance.id, engine);
    const [changed] = await findInstances(deps.prisma, { id: instance.id });
    response.json({ success: true, message: 'Instance updated successfully', instance: changed });
  };
}
