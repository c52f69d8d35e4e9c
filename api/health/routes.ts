import { Router } from 'express';
import { version } from '../../shared/version.ts';
import { route } from '../http/routes.ts';
import type { Readiness } from './readiness.ts';

/** `/healthz`: the process lives. `/readyz`: it can do its work, and what it lacks if not. `/version`: what runs here. */
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
  route(router, '/version', {
    get: (_request, response) => {
      response.json({ version });
    },
  });
  return router;
}
