import express, { type ErrorRequestHandler, type RequestHandler, Router } from 'express';
import type { ActivationJob, RemovalJob } from '../shared/activations/job.ts';
import type { PrismaClient } from '../shared/database/database.ts';
import { isDatabaseUnavailable } from '../shared/database/database.ts';
import type { Logger } from '../shared/logging/logger.ts';
import type { JobQueue } from '../shared/queue/job-queue.ts';
import { createActivationPages } from './activations/pages.ts';
import type { DeadLetterClient } from './dead-letters/client.ts';
import { createDeadLetterPages } from './dead-letters/pages.ts';
import { createFormTokens } from './form-token.ts';
import { html } from './html.ts';
import { sendPage } from './page.ts';
import { createQueueUi } from './queues/queue-ui.ts';
import { createRemovalPages } from './removals/pages.ts';
import { pageSecurity, queueUiSecurity } from './security.ts';
import { STYLE } from './style.ts';

/** What operators look at with a browser: `/admin`. Everything behind the login; nothing in it loads anything from another host. */
export function createAdminRoutes(deps: {
  prisma: PrismaClient;
  queues: { activations: JobQueue<ActivationJob>; removals: JobQueue<RemovalJob> };
  /** Undefined where no bridge is configured. */
  deadLetters: DeadLetterClient | undefined;
  login: RequestHandler;
  password: string;
  logger: Logger;
}): Router {
  const forms = createFormTokens(deps.password);
  const pages = Router();
  pages.use(pageSecurity, express.urlencoded({ extended: false, limit: '4kb' }));
  pages.get('/', (_request, response) => response.redirect('/admin/activations'));
  pages.get('/style.css', (_request, response) => {
    response.setHeader('Cache-Control', 'private, max-age=300');
    response.type('css').send(STYLE);
  });
  pages.use('/activations', createActivationPages(deps));
  pages.use('/removals', createRemovalPages({ ...deps, forms, removals: deps.queues.removals }));
  pages.use('/dead-letters', createDeadLetterPages({ client: deps.deadLetters, forms, logger: deps.logger }));

  pages.use(sayThatTheDatabaseIsAway);

  const router = Router();
  router.use('/admin', deps.login, fileUnder('/admin'));
  router.use('/admin/queues', queueUiSecurity, createQueueUi(deps));
  router.use('/admin', pages);
  return router;
}

// Express knows an error handler by its four parameters.
const sayThatTheDatabaseIsAway: ErrorRequestHandler = (error, _request, response, next) => {
  if (!isDatabaseUnavailable(error)) return next(error);
  const body = html`<p>PostgreSQL does not answer, so there is nothing to show. Its address is <code>DATABASE_URL</code>; <code>/readyz</code>
tells when it is back.</p>`;
  sendPage(response, { title: 'The database is away', body, status: 503 });
};

/** The metrics need no more of these pages than how many requests there are. */
function fileUnder(route: string): RequestHandler {
  return (_request, response, next) => {
    response.locals.route = route;
    next();
  };
}
