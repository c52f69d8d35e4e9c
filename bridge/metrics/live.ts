import { Gauge, type Registry } from 'prom-client';

/** What this process runs at the moment. Unlike a backlog it is its own: take the sum over all bridge processes. */
export function addBridgeLiveGauges(deps: {
  registry: Registry;
  counts: () => { integrations: number; openStreams: number };
}): void {
  const gauge = (name: string, help: string, count: () => number) =>
    new Gauge({
      name,
      help,
      registers: [deps.registry],
      collect() {
        this.set(count());
      },
    });
  gauge('ponte_bridge_integrations_run', 'Integrations that this process runs.', () => deps.counts().integrations);
  gauge(
    'ponte_bridge_streams_open',
    'WebSockets to the api that are open; each integration has one.',
    () => deps.counts().openStreams,
  );
}
