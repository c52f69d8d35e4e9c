import { Router } from 'express';
import type { RemovalJob } from '../../shared/contracts/activation.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { JobQueue } from '../../shared/queue/job-queue.ts';
import type { Activations } from '../activation/begin.ts';
import type { Guards } from '../auth/guards.ts';
import { route } from '../http/routes.ts';
import { createActivationHistory } from './activations.ts';
import { createDelete } from './delete.ts';
import { createList } from './list.ts';
import { createSet } from './set.ts';

/** `/api/chatwoot`. */
export function createChatwootRoutes(deps: {
  prisma: PrismaClient;
  activations: Activations;
  removals: JobQueue<RemovalJob>;
  guards: Guards;
  activationTimeoutMs: number;
}): Router {
  const { guards } = deps;
  const router = Router();
  route(router, '/set/:instance', {
    post: guards.chatwoot(createSet({ activations: deps.activations, timeoutMs: deps.activationTimeoutMs })),
  });
  route(router, '/list/:instance', { get: guards.chatwoot(createList(deps)) });
  route(router, '/delete/:instance', { delete: guards.chatwoot(createDelete(deps)) });
  route(router, '/activations/:instance', { get: guards.chatwoot(createActivationHistory(deps)) });
  return router;
}
