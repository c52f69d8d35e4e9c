import { z } from 'zod';

/** All that the queue ever sees of an activation. `requestId` ties the log lines of one request together, `traceparent` its spans. */
export const activationJobSchema = z.object({
  v: z.literal(1),
  activationId: z.string(),
  requestId: z.string().optional(),
  traceparent: z.string().max(100).optional().catch(undefined),
});
export type ActivationJob = z.infer<typeof activationJobSchema>;

/** All that the queue ever sees of a removal. */
export const removalJobSchema = z.object({ v: z.literal(1), removalId: z.string() });
export type RemovalJob = z.infer<typeof removalJobSchema>;

/**
 * All that the queue ever sees of a failure: a code to look up. The whole story is in the row, behind authentication. The code is read
 * leniently, because a worker of a later version may know more of them, but nothing that could be anything else than a code is.
 */
const jobFailureSchema = z.object({
  v: z.literal(1),
  code: z.string().regex(/^[a-z_]{1,60}$/),
  httpStatus: z.number().int(),
  retryable: z.boolean(),
  /** After how many milliseconds the job runs again; absent where it has ended. */
  retryInMs: z.number().optional(),
});
export type JobFailure = z.infer<typeof jobFailureSchema>;

/** The text with which a job fails. */
export const writeJobFailure = ({ code, httpStatus, retryable, retryInMs }: Omit<JobFailure, 'v'>): string =>
  JSON.stringify({ v: 1, code, httpStatus, retryable, retryInMs } satisfies JobFailure);

/** What such a text says; undefined for whatever else the queue, or a library, gives as the reason of a failure. */
export function parseJobFailure(text: string): JobFailure | undefined {
  try {
    return jobFailureSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
