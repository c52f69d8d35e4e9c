import { Router } from 'express';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { Activations } from '../activation/start-activation.ts';
import type { Guards } from '../auth/guards.ts';
import type { RemoveNow } from '../deactivation/remove-now.ts';
import { route } from '../http/routes.ts';
import type { EngineWay } from '../instances/engine-way.ts';
import { createActivationHistory } from './activations.ts';
import { createCheck } from './check.ts';
import { createDelete } from './delete.ts';
import { createList } from './list.ts';
import { createSet } from './set.ts';
import { createVerify } from './verify.ts';

/** `/api/chatwoot`. */
export function createChatwootRoutes(deps: {
  prisma: PrismaClient;
  activations: Activations;
  removeNow: RemoveNow;
  engineWay: EngineWay;
  guards: Guards;
  activationTimeoutMs: number;
  /** BRIDGE_URL, for what is said of a bridge that fails; BASE_URL, for what the bridge is told. */
  bridgeUrl: string;
  apiUrl: string;
}): Router {
  const { guards } = deps;
  const router = Router();
  route(router, '/set/:instance', {
    post: guards.chatwoot(createSet({ prisma: deps.prisma, activations: deps.activations, timeoutMs: deps.activationTimeoutMs })),
  });
  route(router, '/check/:instance', { post: guards.chatwoot(createCheck(deps)) });
  route(router, '/verify/:instance', { post: guards.chatwoot(createVerify(deps)) });
  route(router, '/list/:instance', { get: guards.chatwoot(createList(deps)) });
  route(router, '/delete/:instance', { delete: guards.chatwoot(createDelete(deps)) });
  route(router, '/activations/:instance', { get: guards.chatwoot(createActivationHistory(deps)) });
  return router;
}
