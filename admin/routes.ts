import express, { type RequestHandler, Router } from 'express';
import type { ActivationJob, RemovalJob } from '../shared/activations/job.ts';
import type { Logger } from '../shared/logging/logger.ts';
import type { JobQueue } from '../shared/queue/job-queue.ts';
import { createAccountPages } from './accounts/pages.tsx';
import { createActivationPages } from './activations/pages.tsx';
import { createPageErrors } from './console/errors.tsx';
import { createInstancePages, type InstancePagesDeps } from './console/instance/pages.tsx';
import { createListPages } from './console/instances/pages.tsx';
import type { PageResponse, Viewer } from './console/page.tsx';
import { createDeadLetterPages } from './dead-letters/pages.tsx';
import { createFormTokens } from './form-token.ts';
import { createQueueUi } from './queues/queue-ui.ts';
import { createRemovalPages } from './removals/pages.tsx';
import { pageSecurity, queueUiSecurity } from './security.ts';

/** What operators look at with a browser: `/admin`. Everything behind the login; nothing in it loads anything from another host. */
export function createAdminRoutes(
  deps: InstancePagesDeps & {
    queues: { activations: JobQueue<ActivationJob>; removals: JobQueue<RemovalJob> };
    language: RequestHandler;
    login: RequestHandler;
    password: string;
    logger: Logger;
  },
): Router {
  const forms = createFormTokens(deps.password);
  const viewer: Viewer = {
    kind: 'operator',
    accountId: undefined,
    name: '',
    scope: {},
    base: '/admin',
    forms,
    holdsOldToken: false,
  };
  const pages = Router();
  pages.use(pageSecurity, express.urlencoded({ extended: false, limit: '16kb' }));
  pages.get('/', (_request, response) => response.redirect('/admin/instances'));
  pages.use('/activations', createActivationPages(deps));
  pages.use('/removals', createRemovalPages({ ...deps, forms, removals: deps.queues.removals }));
  pages.use('/dead-letters', createDeadLetterPages({ client: deps.letters, forms, logger: deps.logger }));
  pages.get('/instances', createListPages(deps));
  pages.use('/instances/:key', createInstancePages(deps));
  pages.use('/accounts', createAccountPages(deps));
  pages.use(createPageErrors());

  const router = Router();
  router.use('/admin', deps.login, fileUnder('/admin'), deps.language, (_request, response: PageResponse, next) => {
    response.locals.viewer = viewer;
    next();
  });
  router.use('/admin/queues', queueUiSecurity, createQueueUi(deps));
  router.use('/admin', pages);
  return router;
}

/** The metrics need no more of these pages than how many requests there are. */
function fileUnder(route: string): RequestHandler {
  return (_request, response, next) => {
    response.locals.route = route;
    next();
  };
}
