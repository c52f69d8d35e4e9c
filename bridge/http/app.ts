import express, { type Express, type Router } from 'express';
import helmet from 'helmet';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { Observability } from '../observability.ts';
import { requireBridgeToken } from './authorization.ts';
import { createRequestContext, shownPath } from './context.ts';
import { createErrorHandler } from './errors.ts';

/** The bridge's HTTP side: health and webhooks for everybody, everything under /v1 with BRIDGE_TOKEN. */
export function createApp(deps: {
  /** Whose X-Forwarded-For is believed. */
  trustProxy: boolean | number | string[];
  bridgeToken: string;
  health: Router;
  webhooks: Router;
  integrations: Router;
  deadLetters: Router;
  overview: Router;
  notifications: Router;
  observability: Observability;
  logger: Logger;
}): Express {
  const app = express();
  app.disable('x-powered-by');
  app.set('trust proxy', deps.trustProxy);
  app.use(...deps.observability.measure);
  app.use(helmet());
  app.use(createRequestContext({ logger: deps.logger }));
  app.use(deps.health);
  app.use(deps.observability.routes);
  app.use(deps.webhooks);
  app.use('/v1', requireBridgeToken(deps.bridgeToken));
  app.use(deps.integrations);
  app.use(deps.deadLetters);
  app.use(deps.overview);
  app.use(deps.notifications);
  app.use((request) => {
    throw new PonteError('route_not_found', { method: request.method, path: shownPath(request) });
  });
  app.use(createErrorHandler());
  return app;
}
