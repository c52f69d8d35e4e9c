import { Counter, collectDefaultMetrics, Gauge, type Metric, Registry } from 'prom-client';
import { version } from '../version.ts';

/** The metrics of one process, under the names that dashboards and alerts go by. */
export interface Metrics {
  readonly registry: Registry;
  /** Begins to count what the process itself does wrong. */
  start(): void;
  stop(): void;
}

let ofProcess: readonly Metric[] | undefined;

/**
 * What Node tells of the process as a whole, collected once however many registries show it: the library looks at the event loop every ten
 * milliseconds from then on, once for each time it is asked to, and cannot be told to stop.
 */
function metricsOfProcess(): readonly Metric[] {
  if (ofProcess === undefined) {
    const collected = new Registry();
    collectDefaultMetrics({ register: collected });
    ofProcess = collected.getMetricsAsArray().flatMap(({ name }) => collected.getSingleMetric(name) ?? []);
  }
  return ofProcess;
}

/** A registry of its own for each process (and each test): metrics of two never mix. `service` tells them apart in Prometheus. */
export function createMetrics({ service }: { service: 'api' | 'worker' | 'bridge' }): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  for (const metric of metricsOfProcess()) registry.registerMetric(metric);
  new Gauge({
    name: 'ponte_build_info',
    help: 'Always 1; its label says which version runs.',
    labelNames: ['version'],
    registers: [registry],
  }).set({ version }, 1);
  const unhandled = new Counter({
    name: 'ponte_unhandled_rejections_total',
    help: 'Promises that were rejected and that nobody looked at: each is a bug.',
    registers: [registry],
  });
  const count = (): void => unhandled.inc();

  return {
    registry,
    start() {
      process.on('unhandledRejection', count);
    },
    stop() {
      process.off('unhandledRejection', count);
    },
  };
}

/** Seconds, from what a cache answers to what a client of an activation waits at most. */
export const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120];
