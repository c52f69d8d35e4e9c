import type { Registry } from 'prom-client';
import { addSampledGauges, type Sample } from '../../shared/metrics/sampled-gauges.ts';
import type { JobQueue } from '../../shared/queue/job-queue.ts';

const STATES = ['waiting', 'active', 'delayed', 'failed'] as const;

/** How many jobs each queue holds, by state. Every api process tells the same: take the maximum over them, not the sum. */
export function addQueueGauges(deps: { registry: Registry; queues: Readonly<Record<string, JobQueue<never>>> }): void {
  addSampledGauges({
    registry: deps.registry,
    collector: 'queue',
    gauges: {
      ponte_queue_jobs: {
        help: 'Jobs in a queue: waiting, active (a worker runs it), delayed (it is tried again later), failed (kept for a look).',
        labelNames: ['queue', 'state'],
      },
    },
    sample: async () => {
      const samples = Object.entries(deps.queues).map(async ([queue, jobs]): Promise<Sample[]> => {
        const counts = await (await jobs.reach()).getJobCounts(...STATES, 'prioritized');
        // To an operator a job with a priority is one that waits.
        const value = (state: (typeof STATES)[number]) =>
          (counts[state] ?? 0) + (state === 'waiting' ? (counts.prioritized ?? 0) : 0);
        return STATES.map((state) => ({ gauge: 'ponte_queue_jobs', labels: { queue, state }, value: value(state) }));
      });
      return (await Promise.all(samples)).flat();
    },
  });
}
