import type { NextFunction } from 'express';
import { unavailableReason } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { ApiRequest, ApiResponse } from '../http/context.ts';
import { pathOf } from '../http/request-log.ts';
import { asPonteError } from './as-ponte-error.ts';
import { type ErrorBody, errorBody } from './error-body.ts';

/** The one place that turns an error into an answer. What we do not know is a defect of ours: logged whole, shown as a request id. */
export function createErrorHandler() {
  // Express knows an error handler by its four parameters.
  return (error: unknown, request: ApiRequest, response: ApiResponse, next: NextFunction): void => {
    const { log, requestId } = response.locals;
    if (response.headersSent) {
      log.error({ err: error }, 'failed after the answer had begun');
      next(error);
      return;
    }
    const known = error instanceof URIError ? badPath(request) : asPonteError(error);
    if (known === undefined) log.error({ err: error }, 'unexpected error');
    else if (known.httpStatus >= 500)
      log.warn({ code: known.code, reason: known.message, cause: unavailableReason(error) }, 'failed');
    sendError(response, known ?? new PonteError('internal', { requestId }));
  };
}

/** For the end of the chain: no route took the request. */
export function routeNotFound(request: ApiRequest): never {
  throw new PonteError('route_not_found', { method: request.method, path: pathOf(request.originalUrl) });
}

/**
 * Answers an error: `{"success":false,"error":{"message","code"}}`, and `Retry-After` where that is known. `error.message_localized`
 * comes along for a client whose `Accept-Language` prefers Portuguese or Spanish.
 */
export function sendError(
  response: ApiResponse,
  error: { httpStatus: number; code: ErrorBody['error']['code']; message: string; retryAfterSeconds?: number | undefined },
): void {
  if (error.retryAfterSeconds !== undefined) response.setHeader('Retry-After', String(Math.ceil(error.retryAfterSeconds)));
  response.locals.errorCode = error.code;
  const language = response.req.acceptsLanguages(['en', 'pt', 'es']);
  response.status(error.httpStatus).json(errorBody(error, language === 'pt' || language === 'es' ? language : undefined));
}

// A path such as /api/chatwoot/list/%ZZ.
const badPath = (request: ApiRequest): PonteError =>
  new PonteError('invalid_request', { faults: `path: ${pathOf(request.originalUrl)} is not valid percent-encoding` });
