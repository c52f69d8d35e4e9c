import { isUtf8 } from 'node:buffer';
import express, { type ErrorRequestHandler, type Express, type NextFunction, type Request, type Response, Router } from 'express';
import multer from 'multer';
import { z } from 'zod';
import { accountRoutes } from './accounts.ts';
import { attachmentRoutes } from './attachments.ts';
import { contactImportRoutes } from './contact-import.ts';
import { contactMergeRoutes } from './contact-merge.ts';
import { contactRoutes } from './contacts.ts';
import { controlRoutes } from './control.ts';
import { conversationAttributeRoutes } from './conversation-attributes.ts';
import { conversationListRoute } from './conversation-list.ts';
import { conversationRoutes } from './conversations.ts';
import type { FaultControl } from './faults.ts';
import { inboxMemberRoutes } from './inbox-members.ts';
import { inboxRoutes } from './inboxes.ts';
import { messageRoutes } from './messages.ts';
import { showPage } from './page.ts';
import { isObject } from './params.ts';
import { publicRoutes } from './public-api.ts';
import { Refusal, railsError } from './replies.ts';
import { beforeEnd } from './response-end.ts';
import type { InboxRow } from './rows.ts';
import type { ChatwootState } from './state.ts';
import { createThrottle } from './throttle.ts';
import type { World } from './world.ts';

type Middleware = (req: Request, res: Response, next: NextFunction) => void;

export interface ServerParts {
  state: ChatwootState;
  faults: FaultControl;
  logRequest: Middleware;
  injectFault: Middleware;
  scheduleDeletion: (inbox: InboxRow) => void;
  changed: () => void;
  /** Saves what a request changed, before its answer leaves. */
  save: () => void;
  log: (line: string) => void;
}

const notFoundPage =
  "<!DOCTYPE html>\n<html>\n<head>\n  <title>The page you were looking for doesn't exist (404)</title>\n</head>\n" +
  "<body>\n  <h1>The page you were looking for doesn't exist.</h1>\n</body>\n</html>\n";
const dashboardPage =
  '<!DOCTYPE html>\n<html>\n<head>\n  <title>Chatwoot</title>\n</head>\n<body>\n  <div id="app"></div>\n</body>\n</html>\n';

/** A route nobody has: JSON only for those who ask for JSON and nothing else, the HTML page for `*` + `/` + `*` and everybody else. */
function unknownRoute(req: Request, res: Response): void {
  const accept = req.headers.accept ?? '*/*';
  // A list with `*/*` in it looks like a browser to Rails, which then ignores the header.
  const isBrowserLike = /,\s*\*\/\*|\*\/\*\s*,/.test(accept);
  if (!isBrowserLike && /^application\/(?:[^,]*\+)?json\b/.test(accept)) railsError(res, 404, 'Not Found');
  else res.status(404).setHeader('content-type', 'text/html; charset=UTF-8').end(notFoundPage);
}

const statusOf = (error: unknown): number | null =>
  error instanceof Error && 'status' in error && typeof error.status === 'number' ? error.status : null;

const isBadBody = (error: unknown): boolean => statusOf(error) === 400 || error instanceof multer.MulterError;

const badRequest = (message: string) => Object.assign(new Error(message), { status: 400 });

function refuseBrokenBytes(_req: unknown, _res: unknown, bytes: Buffer): void {
  if (!isUtf8(bytes)) throw badRequest('invalid UTF-8');
}

/** Half of a surrogate pair makes text that is no UTF-8 in Ruby, which Rails refuses before anybody looks at it. */
function refuseBrokenText(req: Request, _res: Response, next: NextFunction): void {
  next(isWellFormed(req.body) ? undefined : badRequest('half of a surrogate pair'));
}

function isWellFormed(value: unknown): boolean {
  if (typeof value === 'string') return !/\p{Surrogate}/u.test(value);
  if (typeof value !== 'object' || value === null) return true;
  return Object.entries(value).every(([key, item]) => isWellFormed(key) && isWellFormed(item));
}

function errorHandler(log: (line: string) => void): ErrorRequestHandler {
  // Express knows an error handler by its four parameters.
  return (error: unknown, req, res, _next) => {
    if (res.headersSent) {
      res.destroy();
    } else if (error instanceof Refusal) {
      if (isObject(error.body) && 'status' in error.body) railsError(res, error.status, String(error.body.error));
      else res.status(error.status).json(error.body);
    } else if (req.path.startsWith('/__sim') && error instanceof z.ZodError) {
      res.status(400).json({ error: z.prettifyError(error) });
    } else if (isBadBody(error)) {
      railsError(res, 400, 'Bad Request');
    } else if (statusOf(error) === 413) {
      res.status(413).type('html').send('<html><head><title>413 Request Entity Too Large</title></head></html>');
    } else {
      log(`unexpected error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      railsError(res, 500, 'Internal Server Error');
    }
  };
}

/** The whole HTTP surface: log and faults first, then throttle and bodies, then Chatwoot's routes. */
export function createServer(world: World, parts: ServerParts): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  // Rails escapes <, > and & in JSON answers, too.
  app.enable('json escape');

  const isControl = (req: Request) => req.path === '/__sim' || req.path.startsWith('/__sim/');
  const unlessControl =
    (middleware: Middleware): Middleware =>
    (req, res, next) =>
      isControl(req) ? next() : middleware(req, res, next);
  app.use(unlessControl(parts.logRequest));
  app.use(unlessControl(parts.injectFault));
  // After the faults, so that an effect is saved even where its answer is never sent.
  app.use((req, res, next) => {
    beforeEnd(res, () => {
      if (req.method !== 'GET') parts.changed();
      parts.save();
    });
    next();
  });
  app.use(createThrottle(world));
  app.use(express.json({ limit: '60mb', strict: false, verify: refuseBrokenBytes }));
  app.use(refuseBrokenText);
  app.use(express.urlencoded({ extended: true, limit: '60mb' }));
  app.use(multer({ storage: multer.memoryStorage(), limits: { fieldSize: 10_000_000 } }).any());

  app.get('/__sim', showPage(world));
  app.use('/__sim', controlRoutes(parts.state, parts.faults));
  const router = Router();
  accountRoutes(world, router);
  inboxRoutes(world, router, parts.scheduleDeletion);
  inboxMemberRoutes(world, router);
  contactImportRoutes(world, router);
  contactRoutes(world, router);
  contactMergeRoutes(world, router);
  conversationListRoute(world, router);
  conversationRoutes(world, router);
  conversationAttributeRoutes(world, router);
  messageRoutes(world, router);
  attachmentRoutes(world, router);
  publicRoutes(world, router);
  // The dashboard answers every GET below /app with its page: a wrong base address looks like a success.
  router.get(['/', '/app', '/app/*rest'], (_req, res) => void res.type('html').send(dashboardPage));
  app.use(router);
  app.use(unknownRoute);
  app.use(errorHandler(parts.log));
  return app;
}
