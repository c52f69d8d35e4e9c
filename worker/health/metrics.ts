import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import type { PrismaClient } from '../../shared/database/database.ts';

export interface WorkerMetrics {
  /** `outcome` is `succeeded` or a code of the error catalogue. */
  observeActivation(attempt: { outcome: string; queueWaitMs: number; bridgeMs: number | undefined; totalMs: number }): void;
  /** `outcome` is `removed`, `absent` or a code of the error catalogue. */
  observeRemoval(outcome: string): void;
  /** In the text format of Prometheus. Rejects when the database is away. */
  read(): Promise<{ contentType: string; text: string }>;
}

const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 60];

export function createWorkerMetrics({ prisma }: { prisma: PrismaClient }): WorkerMetrics {
  const registers = [new Registry()];
  const [registry] = registers as [Registry];
  collectDefaultMetrics({ register: registry });
  const histogram = (name: string, help: string, labelNames: string[] = []) =>
    new Histogram({ name, help, labelNames, buckets: SECONDS, registers });

  const attempts = histogram('ponte_activation_attempt_seconds', 'Tries of activations, from claim to outcome.', ['outcome']);
  const queueWait = histogram('ponte_activation_queue_wait_seconds', 'How long a try had been due before a worker took it.');
  const bridgeCalls = histogram('ponte_bridge_call_seconds', 'Calls to the bridge for activations.');
  const removals = new Counter({
    name: 'ponte_removal_attempts_total',
    help: 'Tries of removals.',
    labelNames: ['outcome'],
    registers,
  });
  gaugeOfCounts('ponte_activations', 'Unfinished activations.', ['pending', 'running'], registers, async () => {
    const groups = await prisma.activation.groupBy({
      by: ['state'],
      where: { state: { in: ['pending', 'running'] } },
      _count: { _all: true },
    });
    return groups.map(({ state, _count }) => [state, _count._all]);
  });
  gaugeOfCounts('ponte_removals', 'Removals to be done, and those given up.', ['pending', 'dead'], registers, async () => {
    const groups = await prisma.removal.groupBy({
      by: ['state'],
      where: { state: { in: ['pending', 'dead'] } },
      _count: { _all: true },
    });
    return groups.map(({ state, _count }) => [state, _count._all]);
  });

  return {
    observeActivation({ outcome, queueWaitMs, bridgeMs, totalMs }) {
      attempts.observe({ outcome }, totalMs / 1_000);
      queueWait.observe(queueWaitMs / 1_000);
      if (bridgeMs !== undefined) bridgeCalls.observe(bridgeMs / 1_000);
    },
    observeRemoval: (outcome) => removals.inc({ outcome }),
    read: async () => ({ contentType: registry.contentType, text: await registry.metrics() }),
  };
}

/** A gauge by state that is read from the database when somebody asks; a state without rows is 0, not absent. */
function gaugeOfCounts(
  name: string,
  help: string,
  states: readonly string[],
  registers: Registry[],
  count: () => Promise<(readonly [string, number])[]>,
): void {
  new Gauge({
    name,
    help,
    labelNames: ['state'],
    registers,
    async collect() {
      const found = new Map(await count());
      for (const state of states) this.set({ state }, found.get(state) ?? 0);
    },
  });
}
