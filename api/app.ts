import express, { type Express } from 'express';
import helmet from 'helmet';
import { createConsoleRoutes } from '../admin/console/routes.tsx';
import { PonteError } from '../shared/errors/ponte-error.ts';
import type { Logger } from '../shared/logging/logger.ts';
import type { Authenticator } from './auth/authenticator.ts';
import { createIdentification } from './auth/guards.ts';
import { createErrorHandler, routeNotFound } from './errors/error-handler.ts';
import type { Readiness } from './health/readiness.ts';
import type { Middleware } from './http/context.ts';
import { createDoor } from './http/door.ts';
import { createGiveWay } from './http/give-way.ts';
import { createRequestLog } from './http/request-log.ts';
import type { Observability } from './observability.ts';
import type { RateLimit } from './rate-limit/rate-limit.ts';
import type { Routes } from './routes.ts';

/** The Express application: what happens to every request, in order, and where the rooms of the api are. */
export function createApp(deps: {
  /** Whose X-Forwarded-For is believed. */
  trustProxy: boolean | number | string[];
  logger: Logger;
  readiness: Readiness;
  authenticator: Authenticator;
  rateLimit: RateLimit;
  observability: Observability;
  routes: Routes;
}): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('trust proxy', deps.trustProxy);
  app.set('query parser', 'simple');
  app.use(deps.observability.measure, createDoor(), createGiveWay(), createRequestLog(deps), deps.observability.trace);
  app.use(helmet());
  // First what is asked for hundreds of times a second: a request passes each of the others' routes to get to its own.
  app.use('/api', createIdentification(deps.authenticator), deps.rateLimit.middleware, refuseWhileDraining(deps.readiness));
  app.use('/api/chatwoot', deps.routes.chatwoot);
  app.use('/api/instance', deps.routes.instances);
  app.use('/api/events', deps.routes.events);
  app.use('/api/message', deps.routes.messages);
  app.use('/api/account', deps.routes.accounts, deps.routes.webhooks);
  app.use('/ws', deps.routes.stream);
  app.use(deps.routes.health);
  app.use(deps.routes.docs);
  app.use(deps.observability.routes);
  app.use(createConsoleRoutes({ ...deps.routes.pages, rateLimit: deps.rateLimit.middleware }));
  app.use(routeNotFound);
  app.use(createErrorHandler());
  return app;
}

/** Whoever waits is still answered, but nobody new is made to wait here. */
function refuseWhileDraining(readiness: Readiness): Middleware {
  return (_request, response, next) => {
    if (!readiness.draining()) return next();
    response.setHeader('Connection', 'close');
    throw new PonteError('shutting_down');
  };
}
