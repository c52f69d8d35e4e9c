import { Router } from 'express';

/** `/healthz`: the process lives. `/readyz`: it can work, because its database answers and it is not on its way out. */
export function healthRoutes(deps: { ping: () => Promise<void>; isStopping: () => boolean }): Router {
  const router = Router();
  router.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  router.get('/readyz', async (_request, response) => {
    const database = await deps.ping().then(
      () => 'ok' as const,
      () => 'unavailable' as const,
    );
    const status = deps.isStopping() ? 'draining' : database === 'ok' ? 'ready' : 'unready';
    response.status(status === 'ready' ? 200 : 503).json({ status, checks: { database } });
  });
  return router;
}
