import { Router } from 'express';
import { adminCredentials, createLogin } from '../auth/operator-login.ts';
import type { Metrics } from './metrics.ts';
import { createMetricsRoute } from './route.ts';

/** `/metrics` for a process that has nothing else to show; nothing at all without ADMIN_USER and ADMIN_PASSWORD. */
export function createMetricsOnly(deps: {
  config: { ADMIN_USER?: string | undefined; ADMIN_PASSWORD?: string | undefined };
  metrics: Metrics;
}): Router {
  const credentials = adminCredentials(deps.config);
  if (credentials === undefined) return Router();
  return createMetricsRoute({ registry: deps.metrics.registry, login: createLogin(credentials) });
}
