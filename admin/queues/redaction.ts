import { z } from 'zod';
import { parseJobFailure } from '../../shared/activations/job.ts';
import type { JobFacts } from './job-facts.ts';

/**
 * What of a job may be seen. It is a list of what is allowed: data, options, results, stack traces and logs of the queue are never passed on,
 * whatever somebody may have put there.
 */
const jobSchema = z.object({
  id: z.coerce
    .string()
    .regex(/^[\w.-]{1,100}$/)
    .catch('unreadable'),
  timestamp: z.number().catch(0),
  processedOn: z.number().nullish().catch(undefined),
  finishedOn: z.number().nullish().catch(undefined),
  attempts: z.number().catch(0),
  delay: z.number().optional().catch(undefined),
  attemptsStarted: z.number().optional().catch(undefined),
  stalledCounter: z.number().optional().catch(undefined),
  isFailed: z.boolean().catch(false),
  failedReason: z.string().optional().catch(undefined),
});

const counts = z.record(z.string(), z.number());
const queueSchema = z.object({
  name: z.string(),
  displayName: z.string().optional(),
  description: z.string().optional(),
  delimiter: z.string(),
  counts,
  jobs: z.array(z.unknown()),
  statuses: z.array(z.string()),
  pagination: z.object({ pageCount: z.number(), range: z.object({ start: z.number(), end: z.number() }) }),
  isPaused: z.boolean(),
  type: z.string(),
  globalConcurrency: z.number().nullable(),
  activeRateLimitTtl: z.number(),
  jobSchedulerCount: z.number(),
});
const pointSchema = z.object({
  meta: z.object({ count: z.number(), prevTS: z.number(), prevCount: z.number() }),
  data: z.array(z.number()),
  count: z.number(),
});

export const queuesAnswerSchema = z.object({ queues: z.array(queueSchema) });
export const jobAnswerSchema = z.object({ job: z.unknown(), status: z.string() });
export const metricsAnswerSchema = z.object({ completed: pointSchema.nullable(), failed: pointSchema.nullable() });

/** What the queue itself says when it gives a job up; everything else in a reason is the worker's, which names a code. */
const QUEUE_REASONS = ['job stalled more than allowable limit', 'job started more than allowable limit'];

/** The id of a job as the queue has it; undefined where there is none that can be one of ours. */
export const jobIdOf = (job: unknown): string | undefined => {
  const { id } = jobSchema.parse(typeof job === 'object' && job !== null ? job : {});
  return id === 'unreadable' ? undefined : id;
};

/** A job as the queue UI gets to see it: where and how it stands, and what PostgreSQL knows of it. */
export function shownJob(job: unknown, facts: JobFacts | undefined) {
  const { failedReason, ...rest } = jobSchema.parse(typeof job === 'object' && job !== null ? job : {});
  const reason = failedReason === undefined ? undefined : (facts?.error ?? knownReason(failedReason));
  return {
    ...rest,
    name: facts?.title ?? rest.id,
    data: facts?.fields ?? { note: 'the database has no row of this id' },
    opts: {},
    progress: 0,
    returnValue: null,
    stacktrace: [],
    ...(reason === undefined ? {} : { failedReason: reason }),
    ...(facts === undefined ? {} : { externalUrl: { displayText: 'What happened, step by step', href: facts.href } }),
  };
}

function knownReason(text: string): string {
  if (QUEUE_REASONS.includes(text)) return text;
  const failure = parseJobFailure(text);
  return failure === undefined
    ? 'a reason of no known form; it is not shown, since nobody knows what is in it'
    : `${failure.code} (HTTP ${failure.httpStatus})`;
}
