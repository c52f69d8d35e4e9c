import { createObservability as createApiObservability } from '../../api/observability.ts';
import type { ChatwootTransport } from '../../bridge/chatwoot/transport.ts';
import { measureTransport } from '../../bridge/metrics/measured-transport.ts';
import { createObservability as createBridgeObservability } from '../../bridge/observability.ts';
import type { BridgeClient } from '../../shared/bridge-client/client.ts';
import { measureBridgeClient } from '../../shared/metrics/bridge-calls.ts';
import { createMetrics } from '../../shared/metrics/metrics.ts';
import { createTracing } from '../../shared/tracing/tracing.ts';
import type { ActivationStore } from '../../worker/activation/store.ts';
import { measureActivationStore } from '../../worker/metrics/measured-store.ts';
import { createTryMetrics } from '../../worker/metrics/tries.ts';

/** Every metricValue of every process, under the names that queries use: a histogram has three. */
export function metricNames(): Set<string> {
  const [api, worker, bridge] = [
    createMetrics({ service: 'api' }),
    createMetrics({ service: 'worker' }),
    createMetrics({ service: 'bridge' }),
  ];
  // Only names are asked for here: nothing of these is ever called.
  const nothing = {} as never;
  const tracing = createTracing({ endpoint: undefined, service: 'test' });
  createApiObservability({
    config: {},
    metrics: api,
    tracing,
    prisma: nothing,
    queues: { activations: nothing, removals: nothing },
    waiters: () => 0,
    streams: () => 0,
    pages: {} as never,
    logger: nothing,
  });
  measureBridgeClient(nothing as BridgeClient, api.registry);
  createTryMetrics(worker);
  measureActivationStore(nothing as ActivationStore, worker.registry);
  measureBridgeClient(nothing as BridgeClient, worker.registry);
  createBridgeObservability({
    config: {},
    metrics: bridge,
    tracing,
    prisma: nothing,
    counts: () => ({ integrations: 0, openStreams: 0 }),
  });
  measureTransport(nothing as ChatwootTransport, bridge.registry);

  const names = new Set<string>();
  for (const { registry } of [api, worker, bridge]) {
    for (const { name, type } of registry.getMetricsAsArray() as unknown as { name: string; type: string }[]) {
      for (const suffix of type === 'histogram' ? ['_bucket', '_sum', '_count'] : ['']) names.add(`${name}${suffix}`);
    }
  }
  return names;
}
