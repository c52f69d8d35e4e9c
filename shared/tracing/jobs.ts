import { z } from 'zod';
import type { JobProcessor } from '../queue/consumer.ts';
import type { JobQueue } from '../queue/job-queue.ts';
import type { Tracing } from './tracing.ts';

/** The same queue, whose jobs carry the trace they were added in. */
export function traceJobQueue<Data extends object>(queue: JobQueue<Data>, name: string, tracing: Tracing): JobQueue<Data> {
  const withTrace = (data: Data): Data => {
    const traceparent = tracing.current();
    return traceparent === undefined ? data : { ...data, traceparent };
  };
  return {
    ...queue,
    add: (jobId, data, options) =>
      tracing.span({ name: `add to ${name}`, kind: 'producer' }, () => queue.add(jobId, withTrace(data), options)),
  };
}

const carriedSchema = z.looseObject({ traceparent: z.string().optional() });

/** The same processor, whose runs are spans below the request that caused them. */
export function traceJobs(processor: JobProcessor, name: string, tracing: Tracing): JobProcessor {
  return (job, signal) => {
    const parent = carriedSchema.safeParse(job.data).data?.traceparent;
    const attributes = { 'ponte.job': job.id ?? '', 'ponte.attempt': job.attemptsMade + 1 };
    return tracing.span({ name: `run ${name}`, kind: 'consumer', parent, attributes }, () => processor(job, signal));
  };
}
