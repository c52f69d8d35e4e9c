import { Router } from 'express';
import { hashToken } from '../../shared/auth/tokens.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { IntegrationStore } from '../integrations/store.ts';
import { shownPath } from './context.ts';

/**
 * Where Chatwoot delivers what happens in our inboxes; the path is the secret. A known one is answered at once, whatever it brings: on any
 * other answer than success Chatwoot marks the message as failed in front of the agent.
 */
export function webhookRoutes({ store }: { store: IntegrationStore }): Router {
  const router = Router();
  router.post('/webhooks/chatwoot/:key', async (request, response) => {
    const row = await store.byWebhookKey(hashToken(request.params.key));
    if (row === null || row.state === 'removed') {
      throw new PonteError('route_not_found', { method: request.method, path: shownPath(request) });
    }
    request.resume();
    response.json({ success: true });
  });
  return router;
}
