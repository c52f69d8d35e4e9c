import type { RequestHandler, Router } from 'express';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { ApiRequest, ApiResponse, Handler, Middleware } from './context.ts';
import { pathOf } from './request-log.ts';

type Method = 'get' | 'post' | 'patch' | 'delete';

/**
 * Puts the handlers of one path on a router; any other method there is answered 405 with `Allow`, or left to the routes after it where
 * those have words in the place of its parameter.
 */
export function route(
  router: Router,
  path: string,
  handlers: Partial<Record<Method, Handler>>,
  { otherMethods = 'refuse' }: { otherMethods?: 'refuse' | 'pass' } = {},
): void {
  const methods = Object.entries(handlers) as [Method, Handler][]; // Object.entries forgets the keys' type
  const allowed = methods.flatMap(([method]) => (method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()])).join(', ');
  const target = router.route(path);
  const name: Middleware = (request, response, next) => {
    response.locals.route = request.baseUrl + path;
    next();
  };
  for (const [method, handler] of methods) {
    target[method](name as RequestHandler, handler as (request: ApiRequest, response: ApiResponse) => unknown);
  }
  if (otherMethods === 'pass') return;
  target.all(name as RequestHandler);
  target.all((request, response) => {
    response.setHeader('Allow', allowed);
    throw new PonteError('method_not_allowed', { method: request.method, path: pathOf(request.originalUrl), allowed });
  });
}
