import { cleanDetail, cleanValue } from '../bridge-client/detail.ts';
import { PonteError } from '../errors/ponte-error.ts';
import type { HttpFailure } from '../http/exchange.ts';
import type { OutgoingActionKind } from './action.ts';
import type { EngineAccess } from './engine.ts';

/** No answer came: either the engine cannot have acted on the request, or nobody knows, which matters not where it was only to read. */
export function failureOf(failure: HttpFailure, access: EngineAccess, { isRead = false } = {}): PonteError {
  if (failure.code === 'address_forbidden') return new PonteError('engine_address_forbidden', { url: cleanValue(access.url) });
  return failure.sent === false || isRead ? unreachable(access, failure.message) : new PonteError('engine_outcome_unknown');
}

export function unreachable(access: EngineAccess, detail: string, retryAfterSeconds?: number): PonteError {
  const values = { url: cleanValue(access.url), detail: cleanDetail(detail, [access.token]) };
  return new PonteError('engine_unreachable', values, { retryAfterSeconds });
}

export const refused = (detail: string, { token }: EngineAccess): PonteError =>
  new PonteError('engine_refused', { detail: cleanDetail(detail, [token]) });

const ACTIONS = {
  revoke: 'delete a message for everyone',
  edit: 'edit a message',
  reaction: 'react to a message',
} as const satisfies Record<OutgoingActionKind, string>;

export const cannot = (action: OutgoingActionKind): PonteError => new PonteError('engine_cannot', { action: ACTIONS[action] });
