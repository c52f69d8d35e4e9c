import { cleanDetail, cleanValue } from '../bridge-client/detail.ts';
import { PonteError } from '../errors/ponte-error.ts';
import type { OnceReply } from '../http/send-once.ts';
import type { EngineAccess } from './engine.ts';

export type Answer = Extract<OnceReply, { kind: 'answer' }>;

/** No answer came: either the engine cannot have acted on the request, or nobody knows. */
export function failureOf(reply: Exclude<OnceReply, Answer>, access: EngineAccess): PonteError {
  return reply.kind === 'unknown' ? new PonteError('engine_outcome_unknown') : unreachable(access, reply.message);
}

export function unreachable(access: EngineAccess, detail: string, retryAfterSeconds?: number): PonteError {
  const values = { url: cleanValue(access.url), detail: cleanDetail(detail, [access.token]) };
  return new PonteError('engine_unreachable', values, { retryAfterSeconds });
}

export const refused = (detail: string, { token }: EngineAccess): PonteError =>
  new PonteError('engine_refused', { detail: cleanDetail(detail, [token]) });
