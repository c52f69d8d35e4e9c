import { cleanDetail, cleanValue } from '../bridge-client/detail.ts';
import { PonteError } from '../errors/ponte-error.ts';
import type { HttpFailure } from '../http/exchange.ts';
import type { EngineAccess } from './engine.ts';

/** No answer came: either the engine cannot have acted on the request, or nobody knows. */
export function failureOf(failure: HttpFailure, access: EngineAccess): PonteError {
  return failure.sent === false ? unreachable(access, failure.message) : new PonteError('engine_outcome_unknown');
}

export function unreachable(access: EngineAccess, detail: string, retryAfterSeconds?: number): PonteError {
  const values = { url: cleanValue(access.url), detail: cleanDetail(detail, [access.token]) };
  return new PonteError('engine_unreachable', values, { retryAfterSeconds });
}

export const refused = (detail: string, { token }: EngineAccess): PonteError =>
  new PonteError('engine_refused', { detail: cleanDetail(detail, [token]) });
