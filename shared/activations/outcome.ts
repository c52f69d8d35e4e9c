import { z } from 'zod';
import { type ActivationError, activationError, activationErrorSchema } from './error.ts';
import { type PreviousInbox, readPreviousInbox } from './previous-inbox.ts';

/** How a finished activation ended, as its row says. */
export type ActivationOutcome =
  | {
      readonly state: 'succeeded';
      readonly bridgeIntegrationId: string;
      readonly previousInbox: PreviousInbox | undefined;
      /** The version of a Chatwoot that is older than those Ponte is held by. */
      readonly oldRelease: string | null;
    }
  | { readonly state: 'failed'; readonly error: ActivationError };

/** What the row of an activation says of its end. */
export const endedRow = z.object({
  id: z.string(),
  state: z.string(),
  bridgeIntegrationId: z.string().nullable(),
  previousInbox: z.unknown(),
  oldRelease: z.string().nullable(),
  error: z.unknown(),
});

/** What a finished row says. One that makes no sense is a defect, and told as one. */
export function outcomeOf(row: Omit<z.infer<typeof endedRow>, 'id'>): ActivationOutcome {
  if (row.state === 'succeeded' && row.bridgeIntegrationId !== null) {
    const previousInbox = readPreviousInbox(row.previousInbox);
    return { state: 'succeeded', bridgeIntegrationId: row.bridgeIntegrationId, previousInbox, oldRelease: row.oldRelease };
  }
  const error = activationErrorSchema.safeParse(row.error);
  if (error.success) return { state: 'failed', error: error.data };
  const message = 'the activation ended without a reason that this version understands';
  return { state: 'failed', error: { ...activationError('internal'), message } };
}
