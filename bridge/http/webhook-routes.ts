import express, { type RequestHandler, Router } from 'express';
import { rateLimit } from 'express-rate-limit';
import { hashToken } from '../../shared/auth/tokens.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { createSecretPaths, SILENT_LIMIT } from '../../shared/http/secret-path.ts';
import { readWithinBudget } from '../../shared/memory/body-budget.ts';
import { type Addressee, storeUntilMs, type WebhookReceiver } from '../relay/to-whatsapp/receive-webhook.ts';

/** A message of 150,000 characters comes twice in its webhook, with every character escaped at worst. */
const LIMIT_BYTES = 5 * 1_048_576;
/** Far above what one inbox tells (four events a message, 200 messages a minute in a conversation), and far below what stops the others. */
const PER_INTEGRATION_PER_MINUTE = 6_000;

interface Knock {
  readonly addressee: Addressee;
  readonly untilMs: number;
}

/**
 * Where Chatwoot delivers what happens in our inboxes; the path is the secret. On any other answer than success Chatwoot marks the message
 * as failed in front of the agent. Whose address it is gets looked up before the body is read; the body is kept as it came, because that
 * is what the signature is over, and never inflated, because Chatwoot compresses nothing. `onRefused` is told whose webhook was refused.
 */
export function webhookRoutes(receiver: WebhookReceiver, { onRefused }: { onRefused: (integrationId: string) => void }): Router {
  const paths = createSecretPaths();
  const knocks = new WeakMap<object, Knock>();
  const deliveries = rateLimit({
    ...SILENT_LIMIT,
    limit: PER_INTEGRATION_PER_MINUTE,
    keyGenerator: (request) => knockOf(request).addressee.row.id,
  });

  const find: RequestHandler<{ key: string }> = async (request, response, next) => {
    const keyHash = hashToken(request.params.key);
    await paths.admit(request, keyHash);
    const untilMs = storeUntilMs();
    try {
      const addressee = await receiver.addresseeOf(keyHash, untilMs);
      paths.found(keyHash);
      knocks.set(request, { addressee, untilMs });
    } catch (error) {
      if (error instanceof PonteError && error.code === 'webhook_unknown') await paths.unknown(request, response, keyHash);
      throw error;
    }
    next();
  };

  /** Set by `find`, without which nothing gets this far. */
  function knockOf(request: object): Knock {
    const knock = knocks.get(request);
    if (knock === undefined) throw new Error('a webhook without its integration');
    return knock;
  }

  const router = Router();
  const raw = express.raw({ type: () => true, limit: LIMIT_BYTES, inflate: false });
  const readRaw: RequestHandler<{ key: string }> = async (request, response, next) => {
    const read = () =>
      new Promise<void>((resolve, reject) => {
        raw(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(error)));
      });
    await readWithinBudget(request, response, knockOf(request).addressee.row.id, read);
    next();
  };
  router.post('/webhooks/chatwoot/:key', find, deliveries, readRaw, async (request, response) => {
    const rawBody: unknown = request.body;
    if (!Buffer.isBuffer(rawBody)) throw new PonteError('invalid_body', { faults: 'body: is missing' });
    const { addressee, untilMs } = knockOf(request);
    const signed = { timestamp: request.get('x-chatwoot-timestamp'), signature: request.get('x-chatwoot-signature'), rawBody };
    await receiver.take(addressee, signed, untilMs).catch((error: unknown) => {
      if (error instanceof PonteError && error.code === 'webhook_signature_invalid') onRefused(addressee.row.id);
      throw error;
    });
    response.json({ success: true });
  });
  return router;
}
