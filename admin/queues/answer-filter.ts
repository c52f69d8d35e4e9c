import { z } from 'zod';
import type { Logger } from '../../shared/logging/logger.ts';
import type { JobFacts, ReadJobFacts } from './job-facts.ts';
import { jobAnswerSchema, jobIdOf, metricsAnswerSchema, queuesAnswerSchema, shownJob } from './redaction.ts';

export interface QueueAnswer {
  readonly status?: number;
  readonly body: unknown;
}

const QUEUES = '/api/queues';
const JOB = '/api/queues/:queueName/:jobId';
const METRICS = '/api/queues/:queueName/metrics';
const ROUTES: readonly string[] = [QUEUES, JOB, METRICS];

/** An error by its key alone: its text may come from the server of the queue. */
const errorSchema = z
  .object({ error: z.object({ key: z.string().regex(/^ERRORS\.[A-Z_]+$/) }) })
  .catch({ error: { key: 'ERRORS.INTERNAL_SERVER_ERROR' } });

/** What the queue UI may ask for, and what of the answers it gets: rebuilt field by field, so that what is not known does not get out. */
export function createAnswerFilter({ facts, logger }: { facts: ReadonlyMap<string, ReadJobFacts>; logger: Logger }) {
  /** Without the database the queue can still be looked at. */
  async function factsOf(queue: string, jobs: readonly unknown[]): Promise<ReadonlyMap<string, JobFacts>> {
    const ids = jobs.map(jobIdOf).filter((id) => id !== undefined);
    const read = facts.get(queue);
    if (ids.length === 0 || read === undefined) return new Map();
    try {
      return await read(ids);
    } catch (error) {
      logger.warn({ reason: String(error) }, 'the queue UI has to do without the database');
      return new Map();
    }
  }

  async function reducedBody(route: string, queueName: string, body: unknown): Promise<unknown> {
    if (route === METRICS) return metricsAnswerSchema.parse(body);
    if (route === JOB) {
      const { job, status } = jobAnswerSchema.parse(body);
      const id = jobIdOf(job);
      const known = await factsOf(queueName, [job]);
      return { job: shownJob(job, id === undefined ? undefined : known.get(id)), status };
    }
    const { queues } = queuesAnswerSchema.parse(body);
    return {
      queues: await Promise.all(
        queues.map(async (queue) => {
          const known = await factsOf(queue.name, queue.jobs);
          const jobs = queue.jobs.map((job) => shownJob(job, known.get(jobIdOf(job) ?? '')));
          return { ...queue, jobs, ...READ_ONLY };
        }),
      ),
    };
  }

  return {
    mayAsk: (method: string, route: string): boolean => method === 'get' && ROUTES.includes(route),

    async reduce(route: string, queueName: string, { status = 200, body }: QueueAnswer): Promise<QueueAnswer> {
      if (status >= 400) return { status, body: errorSchema.parse(body) };
      return { status, body: await reducedBody(route, queueName, body) };
    },
  };
}

const READ_ONLY = {
  readOnlyMode: true,
  allowRetries: false,
  allowCompletedRetries: false,
  supportsGlobalRateLimit: false,
  hasWorkers: null,
} as const;
