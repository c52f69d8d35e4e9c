import { IDEMPOTENCY_KEY_HEADER } from '../../shared/contracts/bridge.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { ApiRequest } from './context.ts';

const IDEMPOTENCY_KEY = /^[\x21-\x7e]{1,255}$/;

/** The client's `Idempotency-Key`, if it sent one. Throws PonteError `invalid_request`. */
export function idempotencyKeyOf(request: ApiRequest): string | undefined {
  const key = request.get(IDEMPOTENCY_KEY_HEADER);
  if (key === undefined || IDEMPOTENCY_KEY.test(key)) return key;
  throw new PonteError('invalid_request', { faults: 'Idempotency-Key: must have 1 to 255 visible ASCII characters' });
}

/** Whether the client would rather not wait: `Prefer: respond-async`. */
export const prefersAsync = (request: ApiRequest): boolean =>
  (request.get('prefer') ?? '').split(/[,;]/).some((preference) => preference.trim().toLowerCase() === 'respond-async');
