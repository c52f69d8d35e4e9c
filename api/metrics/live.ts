import { Gauge, type Registry } from 'prom-client';

/** What this process holds open at the moment. Unlike a backlog it is its own: take the sum over all api processes. */
export function addLiveGauges(deps: { registry: Registry; waiters: () => number; streams: () => number }): void {
  const gauge = (name: string, help: string, count: () => number) =>
    new Gauge({
      name,
      help,
      registers: [deps.registry],
      collect() {
        this.set(count());
      },
    });
  gauge('ponte_activation_waiters', 'Requests that wait for their activation to end.', deps.waiters);
  gauge('ponte_event_streams_open', 'WebSockets on which bridges read events.', deps.streams);
}
