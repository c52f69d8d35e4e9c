import { Router } from 'express';
import type pg from 'pg';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { sendJsonText } from '../../shared/http/send-text.ts';
import type { Authenticator } from '../auth/authenticator.ts';
import { INSTANCE_NAME } from '../auth/guards.ts';
import type { ApiRequest, ApiResponse } from '../http/context.ts';
import { readStoredEvent } from './queries/read-stored-event.ts';

/**
 * `GET /ws/chatwoot/:instance/events/:sequence`, with BRIDGE_TOKEN: the whole of an event of which the stream has told the outline.
 * `:instance` is its id. Throws PonteError `event_gone` for one that was acknowledged meanwhile.
 */
export function createStreamRoutes({ pool, authenticator }: { pool: pg.Pool; authenticator: Authenticator }): Router {
  const router = Router();
  router.get('/chatwoot/:instance/events/:sequence', async (request: ApiRequest, response: ApiResponse) => {
    response.locals.route = '/ws/chatwoot/:instance/events/:sequence';
    const { kind } = await authenticator.identify(request.headers);
    if (kind !== 'bridge') throw new PonteError(kind === 'anonymous' ? 'missing_token' : 'invalid_token');
    const instanceId = String(request.params.instance);
    const sequence = Number(request.params.sequence);
    if (!INSTANCE_NAME.test(instanceId) || !Number.isSafeInteger(sequence)) throw new PonteError('event_gone');
    const parts = readStoredEvent(pool, instanceId, sequence);
    const first = await parts.next();
    if (first.done === true) throw new PonteError('event_gone');
    await sendJsonText(response, joined(first.value, parts));
  });
  return router;
}

async function* joined(first: string, rest: AsyncIterable<string>): AsyncGenerator<string> {
  yield first;
  yield* rest;
}
