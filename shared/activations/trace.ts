import { z } from 'zod';

/** One try of the worker at an activation, for the operator: what came of it and how long each hop took. */
export const activationTraceSchema = z.array(
  z.object({
    attempt: z.number().int(),
    worker: z.string(),
    startedAt: z.iso.datetime(),
    queueWaitMs: z.number(),
    bridgeMs: z.number().optional(),
    chatwootMs: z.number().optional(),
    storeMs: z.number().optional(),
    /** `succeeded`, or the code of the error it ended in. */
    outcome: z.string(),
    /** Set where nobody knows whether the bridge did it: what such a try may have left is removed if the activation fails. */
    mayHaveLeft: z.literal(true).optional(),
  }),
);
export type ActivationTrace = z.infer<typeof activationTraceSchema>;
export type TraceEntry = ActivationTrace[number];
