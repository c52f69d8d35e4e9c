import { Router } from 'express';
import { route } from '../http/routes.ts';
import type { Readiness } from './readiness.ts';

/** `/healthz`: the process lives. `/readyz`: it can do its work, and what it lacks if not. */
export function createHealthRoutes({ readiness }: { readiness: Readiness }): Router {
  const router = Router();
  route(router, '/healthz', {
    get: (_request, response) => {
      response.json({ status: 'ok' });
    },
  });
  route(router, '/readyz', {
    get: async (_request, response) => {
      const { ready, checks } = await readiness.report();
      const status = readiness.draining() ? 'draining' : ready ? 'ready' : 'unready';
      response.status(ready ? 200 : 503).json({ status, checks });
    },
  });
  return router;
}
