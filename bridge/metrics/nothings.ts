import { Counter, type Registry } from 'prom-client';

/** Counts events that carry nothing for agents, so that "nothing arrives" can be told from "nothing of it was for them". */
export function countNothings(registry: Registry): () => void {
  const counter = new Counter({
    name: 'ponte_relay_nothings_total',
    help: 'Events of engines that nobody wrote or did anything with: what phones tell each other, parents of albums, logs of calls.',
    registers: [registry],
  });
  return () => counter.inc();
}
