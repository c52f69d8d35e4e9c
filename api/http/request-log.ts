import { pinoHttp } from 'pino-http';
import { createId } from '../../shared/auth/tokens.ts';
import { REQUEST_ID_HEADER } from '../../shared/contracts/bridge.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { ApiRequest, ApiResponse, Middleware } from './context.ts';

// Long enough for a UUID or a trace id, and nothing that could forge a log line or a header.
const SANE_ID = /^[\w.-]{1,64}$/;
const PATH_LENGTH = 200;
/** Whatever stands where the key belongs: also one that is none, or is misspelt. */
const KEY_OF_DOOR = /(events\/+engine\/+)[^/]+/i;
const PROBES = new Set(['/healthz', '/readyz']);

/**
 * Gives every request an id (its own, if it brought a sane one), sends that back, puts it on every log line, and logs one line when the
 * request is over: method, path, status, duration, caller. Never a header, a query or a body: that is where the secrets are.
 */
export function createRequestLog({ logger }: { logger: Logger }): Middleware {
  const line = (request: ApiRequest, response: ApiResponse) => ({
    method: request.method,
    path: pathOf(request.originalUrl),
    status: response.writableFinished ? response.statusCode : 'client gone',
    durationMs: Date.now() - response.locals.receivedAtMs,
    caller: response.locals.caller?.kind,
  });
  const log = pinoHttp<ApiRequest, ApiResponse>({
    logger,
    quietReqLogger: true,
    quietResLogger: true,
    wrapSerializers: false,
    serializers: { req: () => undefined },
    customAttributeKeys: { reqId: 'requestId' },
    genReqId: (_request, response) => response.locals.requestId,
    customLogLevel: (request) => (PROBES.has(request.originalUrl) ? 'debug' : 'info'),
    customSuccessMessage: () => 'request',
    customErrorMessage: () => 'request',
    customSuccessObject: line,
    customErrorObject: line,
  });

  return (request, response, next) => {
    const given = request.get(REQUEST_ID_HEADER) ?? '';
    response.locals.requestId = SANE_ID.test(given) ? given : createId('req');
    response.setHeader('X-Request-Id', response.locals.requestId);
    log(request, response, () => {
      response.locals.log = request.log;
      next();
    });
  };
}

/** The path of a request target, without its query, cut to a sane length, and without the key of an engine's door. */
export const pathOf = (url: string): string => (url.split('?', 1)[0] ?? '').replace(KEY_OF_DOOR, '$1[key]').slice(0, PATH_LENGTH);
