import express, { type ErrorRequestHandler, type Express, type NextFunction, type Request, type Response } from 'express';
import { z } from 'zod';
import type { FaultControl } from '../chatwoot/faults.ts';
import { controlRoutes } from './control.ts';
import type { Engine } from './engine.ts';
import { Refusal } from './replies.ts';
import { mediaRoutes, messageRoutes } from './routes.ts';
import type { EngineState } from './state.ts';
import type { Store } from './store.ts';

export interface ServerParts {
  store: Store;
  engine: Engine;
  state: EngineState;
  accountToken: string;
  faults: FaultControl;
  injectFault(req: Request, res: Response, next: NextFunction): void;
  log(line: string): void;
}

/** The whole HTTP surface: the control first, then faults, bodies and RyzeAPI's routes. */
export function createServer({ store, engine, state, accountToken, faults, injectFault, log }: ServerParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  const json = express.json({ limit: '100mb' });
  app.use('/__sim', json, controlRoutes(state, faults));
  app.use(injectFault);
  app.use(json);
  app.use(messageRoutes(store, engine, accountToken));
  app.use(mediaRoutes(store));
  app.use(() => {
    throw new Refusal(404, 'Route not found');
  });
  app.use(errorHandler(log));
  return app;
}

function errorHandler(log: (line: string) => void): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, req, res, _next) => {
    if (error instanceof Refusal) res.status(error.status).json(error.body);
    else if (error instanceof z.ZodError) res.status(400).json(new Refusal(400, z.prettifyError(error)).body);
    else if (isBadBody(error)) res.status(400).json(new Refusal(400, 'Invalid request body').body);
    else {
      log(`${req.method} ${req.path}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      res.status(500).json(new Refusal(500, 'Internal server error').body);
    }
  };
}

const isBadBody = (error: unknown): boolean =>
  error instanceof Error && 'status' in error && typeof error.status === 'number' && error.status >= 400 && error.status < 500;
