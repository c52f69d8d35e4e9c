import { Counter, Histogram, type Registry } from 'prom-client';
import { DURATION_BUCKETS } from '../../shared/metrics/metrics.ts';

export interface TryMetrics {
  /** `outcome` is `succeeded` or a code of the error catalogue. */
  observeActivation(attempt: { outcome: string; totalMs: number }): void;
  /** `outcome` is `removed`, `absent` or a code of the error catalogue. */
  observeRemoval(outcome: string): void;
}

/** Single tries, of which an activation or a removal may take several. */
export function createTryMetrics({ registry }: { registry: Registry }): TryMetrics {
  const attempts = new Histogram({
    name: 'ponte_activation_attempt_duration_seconds',
    help: 'Tries of activations, from the moment a worker takes one to its outcome.',
    labelNames: ['outcome'],
    buckets: DURATION_BUCKETS,
    registers: [registry],
  });
  const removals = new Counter({
    name: 'ponte_removal_attempts_total',
    help: 'Tries of removals, by outcome.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  return {
    observeActivation: ({ outcome, totalMs }) => attempts.observe({ outcome }, totalMs / 1_000),
    observeRemoval: (outcome) => removals.inc({ outcome }),
  };
}
