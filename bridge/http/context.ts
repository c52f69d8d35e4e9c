import type { NextFunction, Request, Response } from 'express';
import { createId } from '../../shared/auth/tokens.ts';
import { REQUEST_ID_HEADER } from '../../shared/contracts/bridge.ts';
import type { Logger } from '../../shared/logging/logger.ts';

interface Locals {
  requestId: string;
  log: Logger;
  /** For the metrics. */
  errorCode?: string;
}
export type BridgeResponse = Response<unknown, Locals>;
export type Middleware = (request: Request, response: BridgeResponse, next: NextFunction) => void;

// Long enough for a UUID or a trace id, and nothing that could forge a log line.
const SANE_ID = /^[\w.-]{1,64}$/;

/**
 * Gives every request the id its caller gave it, puts that on its log lines, and logs one line when it is over: never a header, a query or a
 * body, and of a webhook not even the path, which is a secret.
 */
export function createRequestContext({ logger }: { logger: Logger }): Middleware {
  return (request, response, next) => {
    const given = request.get(REQUEST_ID_HEADER) ?? '';
    const requestId = SANE_ID.test(given) ? given : createId('req');
    const log = logger.child({ requestId });
    Object.assign(response.locals, { requestId, log });
    const startedAtMs = Date.now();
    const { method } = request;
    const path = shownPath(request);
    response.once('close', () => {
      const status = response.writableFinished ? response.statusCode : 499;
      const line = { method, path, status, durationMs: Date.now() - startedAtMs };
      if (path.startsWith('/v1/')) log.info(line, 'request');
      else log.debug(line, 'request');
    });
    next();
  };
}

/** The path of a request, fit for a log and for an error. */
export function shownPath({ path }: Request): string {
  return path.startsWith('/webhooks/') ? '/webhooks/…' : path.slice(0, 200);
}
