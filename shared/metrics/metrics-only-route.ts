import { Router } from 'express';
import { createLoginAttempts } from '../auth/login-attempts.ts';
import { adminCredentials, createLogin } from '../auth/operator-login.ts';
import type { PrismaClient } from '../database/database.ts';
import type { Metrics } from './metrics.ts';
import { createMetricsRoute } from './route.ts';

/** `/metrics` for a process that has nothing else to show; nothing at all without ADMIN_USER and ADMIN_PASSWORD. */
export function createMetricsOnly(deps: {
  config: { ADMIN_USER?: string | undefined; ADMIN_PASSWORD?: string | undefined };
  metrics: Metrics;
  prisma: PrismaClient;
}): Router {
  const credentials = adminCredentials(deps.config);
  if (credentials === undefined) return Router();
  const attempts = createLoginAttempts({ prisma: deps.prisma, of: 'operators' });
  return createMetricsRoute({ registry: deps.metrics.registry, login: createLogin(credentials, attempts) });
}
