import type { NextFunction, Request } from 'express';
import type { BridgeError } from '../../shared/contracts/bridge.ts';
import { isDatabaseUnavailable, unavailableReason } from '../../shared/database/database.ts';
import type { ErrorCode } from '../../shared/errors/catalogue.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { UpstreamError } from '../chatwoot/upstream-error.ts';
import { type BridgeResponse, shownPath } from './context.ts';

/** Where the status towards our callers differs from the one their own callers are told. 401 means BRIDGE_TOKEN and nothing else. */
const STATUSES: Readonly<Partial<Record<ErrorCode, number>>> = { bridge_unauthorized: 401, bridge_busy: 409 };

/** The one place that turns an error into an answer. A failure of Chatwoot is 502 with all that is known of it. */
export function createErrorHandler() {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request: Request, response: BridgeResponse, next: NextFunction): void => {
    const { log, requestId } = response.locals;
    if (response.headersSent) {
      log.error({ err: error }, 'failed after the answer had begun');
      next(error);
      return;
    }
    if (error instanceof UpstreamError) {
      log.info({ upstream: { ...error.upstream, body: undefined } }, 'Chatwoot refused or failed');
      send(response, 502, { message: error.message, upstream: error.upstream }, error.upstream.retry_after_seconds);
      return;
    }
    const known = asPonteError(error, request);
    if (known === undefined) log.error({ err: error }, 'unexpected error');
    else if (known.httpStatus >= 500)
      log.warn({ code: known.code, reason: known.message, cause: unavailableReason(error) }, 'failed');
    const { code, message, httpStatus, retryAfterSeconds } = known ?? new PonteError('internal', { requestId });
    send(response, STATUSES[code] ?? httpStatus, { message, code }, retryAfterSeconds);
  };
}

function send(response: BridgeResponse, status: number, error: BridgeError['error'], retryAfterSeconds?: number | null): void {
  if (typeof retryAfterSeconds === 'number') response.setHeader('Retry-After', String(Math.ceil(retryAfterSeconds)));
  response.locals.errorCode = error.code ?? 'chatwoot';
  const body: BridgeError = { success: false, error };
  response.status(status).json(body);
}

function asPonteError(error: unknown, request: Request): PonteError | undefined {
  if (error instanceof PonteError) return error;
  if (isDatabaseUnavailable(error)) return new PonteError('database_unavailable');
  if (error instanceof URIError) return new PonteError('route_not_found', { method: request.method, path: shownPath(request) });
  return bodyError(error);
}

/** What Express says of a body that it cannot read. */
function bodyError(error: unknown): PonteError | undefined {
  if (!(error instanceof Error) || !('status' in error) || typeof error.status !== 'number') return undefined;
  if (error.status === 413) return new PonteError('body_too_large', { limit: '64 KiB' });
  if (error.status === 415) return new PonteError('unsupported_media_type', { contentType: 'one of that charset or encoding' });
  return error.status === 400 ? new PonteError('invalid_body', { faults: 'body: is not valid JSON' }) : undefined;
}
