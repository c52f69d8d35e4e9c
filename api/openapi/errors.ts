import { activationErrorCodes, type ErrorCode, errorCatalogue, errorCodes } from '../../shared/errors/catalogue.ts';
import type { Operation } from './operation.ts';

const startingWith = (...prefixes: string[]): ErrorCode[] =>
  errorCodes.filter((code) => prefixes.some((prefix) => code.startsWith(prefix)));

/** What every endpoint below /api can answer. */
const ANYWHERE: readonly ErrorCode[] = ['invalid_request', 'rate_limited', 'shutting_down', 'database_unavailable', 'internal'];
const WITH_BODY: readonly ErrorCode[] = ['invalid_body', 'body_too_large', 'unsupported_media_type', 'too_many_large_requests'];

/** Everything that can come of asking Chatwoot through the bridge. */
export const BRIDGE_ERRORS: readonly ErrorCode[] = [...startingWith('chatwoot_', 'bridge_'), 'shutting_down'];
/** What can come of an activation: what it ends in, and what is answered while one goes on. */
export const ACTIVATION_ERRORS: readonly ErrorCode[] = [
  ...activationErrorCodes,
  'activation_conflict',
  'activation_timeout',
  'activation_left_running',
];
export const ENGINE_ERRORS: readonly ErrorCode[] = [...startingWith('engine_'), 'encryption_key_missing', 'decryption_failed'];

/** The codes an operation can answer, by HTTP status. */
export function errorsByStatus(operation: Operation): Map<number, ErrorCode[]> {
  const byStatus = new Map<number, Set<ErrorCode>>();
  for (const code of codesOf(operation)) {
    const { httpStatus } = errorCatalogue[code];
    byStatus.set(httpStatus, (byStatus.get(httpStatus) ?? new Set()).add(code));
  }
  return new Map([...byStatus].sort(([a], [b]) => a - b).map(([status, codes]) => [status, [...codes]]));
}

function codesOf({ caller, path, body, tag, errors }: Operation): ErrorCode[] {
  if (caller === 'anybody') return [...errors];
  return [
    ...ANYWHERE,
    'missing_token',
    'invalid_token',
    ...(caller === 'account' ? (['account_token_required'] as const) : []),
    ...(path.includes('{instance}') ? (['instance_not_found', 'instance_token_mismatch'] as const) : []),
    ...(tag === 'Chatwoot' ? (['gateway_not_configured'] as const) : []),
    ...(body === undefined ? [] : WITH_BODY),
    ...errors,
  ];
}
