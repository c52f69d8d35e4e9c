import { type RequestHandler, Router } from 'express';
import { createAdminRoutes } from '../admin/routes.ts';
import type { ActivationJob, RemovalJob } from '../shared/activations/job.ts';
import { createLoginAttempts } from '../shared/auth/login-attempts.ts';
import { adminCredentials, createLogin } from '../shared/auth/operator-login.ts';
import type { ApiConfig } from '../shared/config/config.ts';
import type { PrismaClient } from '../shared/database/database.ts';
import type { Logger } from '../shared/logging/logger.ts';
import { createHttpMetrics } from '../shared/metrics/http-requests.ts';
import type { Metrics } from '../shared/metrics/metrics.ts';
import { createMetricsRoute } from '../shared/metrics/route.ts';
import type { JobQueue } from '../shared/queue/job-queue.ts';
import { createRequestTracing } from '../shared/tracing/http-requests.ts';
import type { Tracing } from '../shared/tracing/tracing.ts';
import type { Pages } from './console.ts';
import { addBacklogGauges } from './metrics/backlog.ts';
import { addLiveGauges } from './metrics/live.ts';
import { addQueueGauges } from './metrics/queues.ts';

export interface Observability {
  /** Goes before everything else: it times every request. */
  readonly measure: RequestHandler;
  /** Traces every request from where it stands; what waits before it has another's context. */
  readonly trace: RequestHandler;
  /** `/metrics` and `/admin`; nothing at all without ADMIN_USER and ADMIN_PASSWORD. */
  readonly routes: Router;
}

/** What the api has for those who operate it. */
export function createObservability(deps: {
  config: Pick<ApiConfig, 'ADMIN_USER' | 'ADMIN_PASSWORD'>;
  metrics: Metrics;
  tracing: Tracing;
  prisma: PrismaClient;
  queues: { activations: JobQueue<ActivationJob>; removals: JobQueue<RemovalJob> };
  /** How many requests wait for an activation, and how many bridges read events, now. */
  waiters: () => number;
  streams: () => number;
  pages: Pages;
  logger: Logger;
}): Observability {
  const { registry } = deps.metrics;
  addBacklogGauges({ registry, prisma: deps.prisma });
  addQueueGauges({ registry, queues: deps.queues });
  addLiveGauges({ registry, waiters: deps.waiters, streams: deps.streams });

  const routes = Router();
  const credentials = adminCredentials(deps.config);
  if (credentials !== undefined) {
    const login = createLogin(credentials, createLoginAttempts({ prisma: deps.prisma, of: 'operators' }));
    routes.use(createMetricsRoute({ registry, login }));
    const { queues, logger } = deps;
    routes.use(createAdminRoutes({ ...deps.pages, prisma: deps.prisma, queues, logger, login, password: credentials.password }));
  }
  return { measure: createHttpMetrics({ registry }), trace: createRequestTracing(deps.tracing), routes };
}
