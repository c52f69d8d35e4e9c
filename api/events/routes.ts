import { Router } from 'express';
import type pg from 'pg';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { Keyring } from '../../shared/encryption/keyring.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import type { Guards } from '../auth/guards.ts';
import type { Middleware } from '../http/context.ts';
import { route } from '../http/routes.ts';
import { createEngineDoor } from './engine-door.ts';
import { createEventStore } from './event-store.ts';
import { createIngest } from './ingest.ts';
import type { CountUnread } from './unread.ts';

/** `/api/events`. */
export function createEventRoutes(deps: {
  prisma: PrismaClient;
  pool: pg.Pool;
  keyring: Keyring;
  authenticator: Authenticator;
  guards: Guards;
  countUnread: CountUnread;
}): Router {
  const router = Router();
  const taking = { ...deps, storeEvent: createEventStore(deps.pool) };
  const door = createEngineDoor(taking);
  route(router, '/engine/:key', { post: door.deliver, get: door.verify });
  router.use(createQueryIdentification(deps.authenticator));
  route(router, '/ingest/:instance', { post: deps.guards.instance(createIngest(taking)) });
  return router;
}

/**
 * An engine that can be given nothing but a URL carries its token there, and may well send a header of its own besides: the address counts
 * where that is no token of ours. Only here: an address is logged in more places than a header.
 */
function createQueryIdentification(authenticator: Authenticator): Middleware {
  return async (request, response, next) => {
    const { token } = request.query;
    const kind = response.locals.caller?.kind;
    if ((kind === 'anonymous' || kind === 'unknown') && typeof token === 'string') {
      response.locals.caller = await authenticator.identify({ token });
    }
    next();
  };
}
