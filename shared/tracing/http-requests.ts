import type { NextFunction, Request, Response } from 'express';
import type { Tracing } from './tracing.ts';

/** Asked all the time, and by machines. */
const UNTRACED = new Set(['/healthz', '/readyz', '/metrics']);

/** Express middleware: a span for each request, below that of whoever sent it. Names the pattern of the path, never the path itself. */
export function createRequestTracing(tracing: Tracing) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const { method, path } = request;
    if (UNTRACED.has(path)) {
      next();
      return;
    }
    const answered = new Promise<void>((resolve) => response.once('close', resolve));
    void tracing.span({ name: method, kind: 'server', parent: request.get('traceparent') }, async (span) => {
      next();
      await answered;
      const route = text(response.locals.route) ?? text(request.route?.path) ?? 'other';
      span.rename(`${method} ${route}`);
      span.set('http.request.method', method);
      span.set('http.route', route);
      span.set('http.response.status_code', response.statusCode);
      const requestId = text(response.locals.requestId);
      if (requestId !== undefined) span.set('ponte.request_id', requestId);
      const code = text(response.locals.errorCode);
      if (response.statusCode >= 500) span.fail(code ?? `http_${response.statusCode}`);
      else if (code !== undefined) span.set('error.type', code);
    });
  };
}

const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);
