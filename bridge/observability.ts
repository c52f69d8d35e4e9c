import type { RequestHandler, Router } from 'express';
import type { PrismaClient } from '../shared/database/database.ts';
import { createHttpMetrics } from '../shared/metrics/http-requests.ts';
import type { Metrics } from '../shared/metrics/metrics.ts';
import { createMetricsOnly } from '../shared/metrics/metrics-only-route.ts';
import { createRequestTracing } from '../shared/tracing/http-requests.ts';
import type { Tracing } from '../shared/tracing/tracing.ts';
import { addBridgeBacklogGauges } from './metrics/backlog.ts';
import { addBridgeLiveGauges } from './metrics/live.ts';

export interface Observability {
  /** Goes before everything else: it times and traces every request. */
  readonly measure: readonly RequestHandler[];
  /** `/metrics`; nothing at all without ADMIN_USER and ADMIN_PASSWORD. */
  readonly routes: Router;
}

/** What the bridge has for those who operate it. */
export function createObservability(deps: {
  config: { ADMIN_USER?: string | undefined; ADMIN_PASSWORD?: string | undefined };
  metrics: Metrics;
  tracing: Tracing;
  prisma: PrismaClient;
  counts: () => { integrations: number; openStreams: number };
}): Observability {
  const { registry } = deps.metrics;
  addBridgeBacklogGauges({ registry, prisma: deps.prisma });
  addBridgeLiveGauges({ registry, counts: deps.counts });
  return { measure: [createHttpMetrics({ registry }), createRequestTracing(deps.tracing)], routes: createMetricsOnly(deps) };
}
