import { Counter, Histogram, type Registry } from 'prom-client';
import type { ClaimedActivation } from '../../shared/activations/claim.ts';
import type { Write } from '../../shared/activations/settle.ts';
import { DURATION_BUCKETS } from '../../shared/metrics/metrics.ts';
import type { ActivationStore } from '../activation/store.ts';

/** The same store, whose writes are counted where they take effect: an activation ends once, however many tries it took. */
export function measureActivationStore(store: ActivationStore, registry: Registry): ActivationStore {
  const histogram = (name: string, help: string, labelNames: string[] = []) =>
    new Histogram({ name, help, labelNames, buckets: DURATION_BUCKETS, registers: [registry] });
  const outcomes = new Counter({
    name: 'ponte_activations_total',
    help: 'Activations that were ended by a worker, by outcome: succeeded, or the code of the error.',
    labelNames: ['outcome'],
    registers: [registry],
  });
  outcomes.inc({ outcome: 'succeeded' }, 0);
  const durations = histogram('ponte_activation_duration_seconds', 'Activations from request to end: succeeded or failed.', [
    'outcome',
  ]);
  const queueWait = histogram('ponte_activation_queue_wait_seconds', 'From the request until a worker begins, first tries only.');

  function ended<Ended extends Write>(write: Ended, outcome: string, activation?: ClaimedActivation): Ended {
    if (write.kind === 'lost') return write;
    outcomes.inc({ outcome });
    if (activation !== undefined) {
      const seconds = Math.max(0, Date.now() - activation.createdAt.getTime()) / 1_000;
      durations.observe({ outcome: outcome === 'succeeded' ? 'succeeded' : 'failed' }, seconds);
    }
    return write;
  }

  return {
    ...store,
    async claim(activationId) {
      const claim = await store.claim(activationId);
      if (claim.kind === 'claimed' && claim.activation.attempt === 1) {
        const { createdAt, deadlineAt, remainingMs } = claim.activation;
        // By the database's clock on both ends.
        queueWait.observe(Math.max(0, deadlineAt.getTime() - remainingMs - createdAt.getTime()) / 1_000);
      }
      return claim;
    },
    succeed: async (activation, result, entry) => ended(await store.succeed(activation, result, entry), 'succeeded', activation),
    fail: async (activation, failure) => ended(await store.fail(activation, failure), failure.error.code, activation),
    async failUntried(worker, untried) {
      const ended = await store.failUntried(worker, untried);
      const codes = new Map(untried.map(({ id, error }) => [id, error.code]));
      for (const { id, queueWaitMs } of ended) {
        queueWait.observe(queueWaitMs / 1_000);
        durations.observe({ outcome: 'failed' }, queueWaitMs / 1_000);
        outcomes.inc({ outcome: codes.get(id) ?? '' });
      }
      return ended;
    },
    abandon: async (activationId, error, options) => ended(await store.abandon(activationId, error, options), error.code),
  };
}
