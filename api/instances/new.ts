import type { PrismaClient } from '../../shared/database/database.ts';
import type { Keyring } from '../../shared/encryption/keyring.ts';
import type { AccountCall } from '../auth/guards.ts';
import { connectionClosed } from '../http/connection-closed.ts';
import { readJsonBody } from '../http/json-body.ts';
import { parseBody } from '../http/validate.ts';
import { createInstance } from './create-instance.ts';
import type { createInlineActivation } from './inline-chatwoot.ts';
import { newInstanceBodySchema } from './new-body.ts';

/** `POST /api/instance/new`: an instance is born disconnected, and its token is shown this once. */
export function createNewInstance(deps: {
  prisma: PrismaClient;
  keyring: Keyring;
  activateInline: ReturnType<typeof createInlineActivation>;
}) {
  return async ({ request, response, caller }: AccountCall): Promise<void> => {
    const given = await readJsonBody(request, response);
    const body = parseBody(newInstanceBodySchema, given);
    const signal = connectionClosed(response);
    const instance = await createInstance(deps, caller.accountId, body);
    const chatwoot = body.chatwootEnabled && (await deps.activateInline(given, instance, response.locals, signal));
    response.status(201).json({
      success: true,
      message: 'Instance created successfully',
      instance: {
        id: instance.id,
        name: instance.name,
        token: instance.token,
        status: 'disconnected',
        created_at: instance.createdAt.toISOString(),
      },
      ...(chatwoot ? { chatwoot } : {}),
    });
  };
}
