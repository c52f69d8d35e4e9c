import { Counter, type Registry } from 'prom-client';

type Outcome = 'sent' | 'later' | 'refused' | 'unknown';

/** Counts what came of each try to send an agent's reply. */
export function countReplies(registry: Registry): (outcome: Outcome) => void {
  const counter = new Counter({
    name: 'ponte_reply_attempts_total',
    help: 'Tries to send an agent’s reply, by outcome: sent, later (not sent, tried again), refused, unknown (perhaps sent).',
    labelNames: ['outcome'],
    registers: [registry],
  });
  return (outcome) => counter.inc({ outcome });
}
