import type { NextFunction, Request, Response } from 'express';
import type { World } from './world.ts';

/**
 * The throttle of contact searches: a fixed window of one clock minute per account, refused with plain text and without `Retry-After`. It comes
 * before any look at the token, as in Chatwoot.
 */
export function createThrottle(world: World) {
  const counts = new Map<string, number>();
  let window = 0;
  return (req: Request, res: Response, next: NextFunction): void => {
    const limit = world.settings.contactSearchesPerMinute;
    const account = /^\/api\/v1\/accounts\/([^/]+)\/contacts\/search\/?$/.exec(req.path)?.[1];
    if (limit === null || account === undefined) {
      next();
      return;
    }
    const current = Math.floor(Date.now() / 60_000);
    if (current !== window) counts.clear();
    window = current;
    const count = (counts.get(account) ?? 0) + 1;
    counts.set(account, count);
    if (count <= limit) next();
    else res.status(429).setHeader('content-type', 'text/plain').end('Retry later\n');
  };
}
