import { Router } from 'express';
import type { BridgeClient } from '../../shared/bridge-client/client.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { Keyring } from '../../shared/encryption/keyring.ts';
import type { Activations } from '../activation/start-activation.ts';
import type { Guards } from '../auth/guards.ts';
import { createRenewInstanceToken, createRevokeInstanceToken } from '../auth/token-endpoints.ts';
import { route } from '../http/routes.ts';
import { createCheckInstance, createCheckSettings, createQr } from './check.ts';
import type { EngineQuestions } from './check-engine.ts';
import { createDeleteInstanceHandler, type RemoveInstance } from './delete.ts';
import { createInlineActivation } from './inline-chatwoot.ts';
import { createInstanceList } from './list.ts';
import { createNewInstance } from './new.ts';
import { createPatchInstance } from './patch.ts';

/** `/api/instance`. */
export function createInstanceRoutes(deps: {
  prisma: PrismaClient;
  keyring: Keyring;
  guards: Guards;
  bridge: BridgeClient | undefined;
  activations: Activations;
  activationTimeoutMs: number;
  remove: RemoveInstance;
  questions: EngineQuestions;
}): Router {
  const { guards } = deps;
  const activateInline = createInlineActivation({
    prisma: deps.prisma,
    activations: deps.activations,
    gatewayConfigured: deps.bridge !== undefined,
    timeoutMs: deps.activationTimeoutMs,
  });
  const router = Router();
  // First, because an instance may be called like any of the words below.
  route(router, '/:instance', { patch: guards.instance(createPatchInstance(deps)) }, { otherMethods: 'pass' });
  route(router, '/new', { post: guards.account(createNewInstance({ ...deps, activateInline })) });
  route(router, '/list', { get: guards.customer(createInstanceList(deps)) });
  route(router, '/check', { post: guards.account(createCheckSettings(deps)) });
  route(router, '/check/:instance', { post: guards.instance(createCheckInstance(deps)) });
  route(router, '/qr/:instance', { get: guards.instance(createQr(deps)) });
  route(router, '/delete/:instance', { delete: guards.instance(createDeleteInstanceHandler(deps.remove)) });
  route(router, '/token/:instance', {
    post: guards.instance(createRenewInstanceToken(deps)),
    delete: guards.instance(createRevokeInstanceToken(deps)),
  });
  return router;
}
