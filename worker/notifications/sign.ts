import { Webhook } from 'standardwebhooks';

/**
 * The headers by which a receiver knows that a body is ours, and which event it is: those of https://www.standardwebhooks.com. While a secret is
 * being renewed there is a signature by each.
 */
export function signedHeaders(body: string, eventId: string, secrets: readonly string[]): Record<string, string> {
  const at = new Date();
  return {
    'webhook-id': eventId,
    'webhook-timestamp': String(Math.floor(at.getTime() / 1_000)),
    'webhook-signature': secrets.map((secret) => new Webhook(secret).sign(eventId, at, body)).join(' '),
  };
}
