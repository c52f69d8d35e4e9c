import express, { Router } from 'express';
import { hashToken } from '../../shared/auth/tokens.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { ReceiveWebhook } from '../relay/to-whatsapp/receive-webhook.ts';

/** A message of 150,000 characters comes twice in its webhook, with every character escaped at worst. */
const LIMIT_BYTES = 5 * 1_048_576;

/**
 * Where Chatwoot delivers what happens in our inboxes; the path is the secret. On any other answer than success Chatwoot marks the message
 * as failed in front of the agent. The body is kept as it came, because that is what the signature is over.
 */
export function webhookRoutes({ receive }: { receive: ReceiveWebhook }): Router {
  const router = Router();
  router.post('/webhooks/chatwoot/:key', express.raw({ type: () => true, limit: LIMIT_BYTES }), async (request, response) => {
    const rawBody: unknown = request.body;
    if (!Buffer.isBuffer(rawBody)) throw new PonteError('invalid_body', { faults: 'body: is missing' });
    await receive({
      keyHash: hashToken(request.params.key),
      timestamp: request.get('x-chatwoot-timestamp'),
      signature: request.get('x-chatwoot-signature'),
      rawBody,
    });
    response.json({ success: true });
  });
  return router;
}
