import express, { type Express, type RequestHandler } from 'express';
import helmet from 'helmet';
import type { Readiness } from './readiness.ts';

/** `/healthz`: the process lives. `/readyz`: whether it can do its work, and what it lacks if not. The rest is `observability`. */
export function createHealthApp(deps: {
  readiness: () => Promise<Readiness>;
  isStopping: () => boolean;
  observability: RequestHandler;
}): Express {
  const app = express();
  app.disable('x-powered-by');
  app.use(helmet());
  app.get('/healthz', (_request, response) => {
    response.json({ status: 'ok' });
  });
  app.get('/readyz', async (_request, response) => {
    const { ready, checks } = await deps.readiness();
    const status = deps.isStopping() ? 'draining' : ready ? 'ready' : 'unready';
    response.status(status === 'ready' ? 200 : 503).json({ status, checks });
  });
  app.use(deps.observability);
  app.use((_request, response) => {
    response.status(404).json({ success: false, error: { message: 'not found', code: 'route_not_found' } });
  });
  return app;
}
