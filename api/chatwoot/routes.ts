import { Router } from 'express';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { Activations } from '../activation/start-activation.ts';
import type { Guards } from '../auth/guards.ts';
import { route } from '../http/routes.ts';
import type { EngineWay } from '../instances/engine-way.ts';
import { createActivationHistory } from './activations.ts';
import { type Check, createCheckHandler } from './check.ts';
import { createDeleteHandler, type Deactivate } from './delete.ts';
import { createListHandler, type LookAtIntegration } from './list.ts';
import { createSet } from './set.ts';
import { createVerify } from './verify.ts';

/** `/api/chatwoot`. */
export function createChatwootRoutes(deps: {
  prisma: PrismaClient;
  activations: Activations;
  engineWay: EngineWay;
  /** BRIDGE_URL, for what is said of a bridge that fails. */
  bridgeUrl: string;
  guards: Guards;
  activationTimeoutMs: number;
  check: Check;
  look: LookAtIntegration;
  deactivate: Deactivate;
}): Router {
  const { guards } = deps;
  const router = Router();
  route(router, '/set/:instance', {
    post: guards.chatwoot(createSet({ prisma: deps.prisma, activations: deps.activations, timeoutMs: deps.activationTimeoutMs })),
  });
  route(router, '/check/:instance', { post: guards.chatwoot(createCheckHandler(deps.check)) });
  route(router, '/verify/:instance', { post: guards.chatwoot(createVerify(deps)) });
  route(router, '/list/:instance', { get: guards.chatwoot(createListHandler(deps.look)) });
  route(router, '/delete/:instance', { delete: guards.chatwoot(createDeleteHandler(deps.deactivate)) });
  route(router, '/activations/:instance', { get: guards.chatwoot(createActivationHistory(deps)) });
  return router;
}
