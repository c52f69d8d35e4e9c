import { type RequestHandler, Router } from 'express';
import type { Registry } from 'prom-client';

/** `GET /metrics`, behind the operator's login. */
export function createMetricsRoute({ registry, login }: { registry: Registry; login: RequestHandler }): Router {
  const router = Router();
  router.get('/metrics', login, async (_request, response) => {
    response.locals.route = '/metrics';
    response.type(registry.contentType).send(await registry.metrics());
  });
  return router;
}
