import type { NextFunction, Request, Response } from 'express';
import { Counter, Histogram, type Registry } from 'prom-client';
import { DURATION_BUCKETS } from './metrics.ts';

/**
 * Express middleware that times every request. Who handles it puts the pattern of its path into `response.locals.route` (never the path
 * itself: there are as many of those as instances) where Express does not know it, and the code of an error into
 * `response.locals.errorCode`.
 */
export function createHttpMetrics({ registry }: { registry: Registry }) {
  const durations = new Histogram({
    name: 'ponte_http_request_duration_seconds',
    help: 'Requests, from their arrival to the end of the answer. Status 499: the client went away first.',
    labelNames: ['method', 'route', 'status'],
    buckets: DURATION_BUCKETS,
    registers: [registry],
  });
  const errors = new Counter({
    name: 'ponte_http_errors_total',
    help: 'Error answers by code; rate_limited are the requests that were turned away by the rate limit.',
    labelNames: ['code'],
    registers: [registry],
  });
  errors.inc({ code: 'rate_limited' }, 0);

  return (request: Request, response: Response, next: NextFunction): void => {
    const end = durations.startTimer({ method: request.method });
    response.once('close', () => {
      const route = text(response.locals.route) ?? patternOf(request) ?? 'other';
      end({ route, status: response.writableFinished ? String(response.statusCode) : '499' });
      const code = text(response.locals.errorCode);
      if (code !== undefined) errors.inc({ code });
    });
    next();
  };
}

/** What Express matched, where routes are not nested: there it stands in the pattern of the whole path. */
const patternOf = ({ baseUrl, route }: Request): string | undefined => (baseUrl === '' ? text(route?.path) : undefined);

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
