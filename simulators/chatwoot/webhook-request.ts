import { createHmac, randomUUID } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import got, { type Got } from 'got';
import { publicAddressOf } from './private-addresses.ts';
import type { InboxRow } from './rows.ts';
import type { World } from './world.ts';

/** How one webhook ended: `error` is the text Chatwoot would write at the message. */
export type WebhookResult = { status: number; error: null } | { status: number | null; error: string };

/** Ruby's words for a broken connection, since those are what agents see in the dashboard. */
function errorText(error: unknown, url: URL): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const where = `Failed to open TCP connection to ${url.hostname}:${port}`;
  if (code === 'ECONNREFUSED') return `${where} (Connection refused - connect(2) for "${url.hostname}" port ${port})`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return `${where} (getaddrinfo: Name or service not known)`;
  if (code === 'ECONNRESET') return error.message.includes('hang up') ? 'end of file reached' : 'Connection reset by peer';
  if (code === 'ETIMEDOUT') {
    return 'event' in error && error.event === 'connect' ? 'execution expired' : 'Net::ReadTimeout with #<TCPSocket:(closed)>';
  }
  return error.message;
}

/** Sends webhooks: signed where the release signs, no retry, redirects followed where the release follows them. */
export function createWebhookClient(world: World) {
  const { features, settings } = world;
  const timeout = settings.webhookTimeoutMs;
  const client: Got = got.extend({
    method: 'POST',
    retry: { limit: 0 },
    throwHttpErrors: false,
    followRedirect: features.webhookRedirects,
    maxRedirects: 10,
    // The same verb and body go to the new address.
    methodRewriting: false,
    timeout: { lookup: timeout, connect: timeout, secureConnect: timeout, socket: timeout, request: 60_000 },
    agent: { http: new http.Agent({ keepAlive: false }), https: new https.Agent({ keepAlive: false }) },
    hooks: {
      beforeRequest: [
        async (options) => {
          if (!settings.blockPrivateWebhooks || !(options.url instanceof URL)) return;
          // The connection is pinned to the address that was checked, so a second look-up cannot give another one.
          const { address, family } = await publicAddressOf(options.url.hostname);
          options.dnsLookup = (_hostname, _options, callback) => callback(null, address, family === 6 ? 6 : 4);
        },
      ],
    },
  });

  return async function send(inbox: InboxRow, url: string, body: string, signal: AbortSignal): Promise<WebhookResult> {
    let target: URL;
    try {
      target = new URL(url);
      if (!['http:', 'https:'].includes(target.protocol)) throw new TypeError('scheme');
    } catch {
      return { status: null, error: 'scheme must be http or https' };
    }
    const timestamp = String(Math.floor(Date.now() / 1000));
    const signature = createHmac('sha256', inbox.secret).update(`${timestamp}.${body}`).digest('hex');
    const headers = {
      'content-type': 'application/json',
      accept: 'application/json',
      'user-agent': 'Ruby',
      ...(features.deliveryId ? { 'x-chatwoot-delivery': randomUUID() } : {}),
      ...(features.signedWebhooks ? { 'x-chatwoot-timestamp': timestamp, 'x-chatwoot-signature': `sha256=${signature}` } : {}),
    };
    try {
      const answer = await client(target, { body, headers, signal });
      const accepted = answer.statusCode >= 200 && answer.statusCode < 300;
      const reason = answer.statusMessage || http.STATUS_CODES[answer.statusCode] || '';
      return accepted
        ? { status: answer.statusCode, error: null }
        : { status: answer.statusCode, error: `${answer.statusCode} ${reason}`.trim() };
    } catch (error) {
      return { status: null, error: errorText(error, target) };
    }
  };
}
