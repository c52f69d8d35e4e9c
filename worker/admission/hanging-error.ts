import { type ActivationError, activationError } from '../../shared/activations/error.ts';
import { cleanValue } from '../../shared/bridge-client/detail.ts';
import type { Silence } from './silences.ts';

/** When it makes sense to come back: by then the one that is being tried has been answered, or has not. */
const RETRY_AFTER_SECONDS = 30;

/** What an activation is told at once of a Chatwoot that is known to hang: the documented text, and what was seen. */
export function hangingError(chatwootBaseUrl: string, { inARow, leastMs }: Silence): ActivationError {
  const seconds = Math.max(1, Math.floor(leastMs / 1_000));
  const detail = `the last ${inARow} activations there got no answer within ${seconds} s; one at a time is tried, this one was not`;
  const error = activationError('chatwoot_unreachable', { url: cleanValue(chatwootBaseUrl), detail });
  return { ...error, retryAfterSeconds: RETRY_AFTER_SECONDS, hostHangs: true };
}
