import { createHmac, randomUUID } from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import got, { type BeforeRequestHook, type Got } from 'got';
import type { Features } from './features.ts';
import { pinned, publicAddressOf } from './private-addresses.ts';
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

/** Refuses private addresses, and pins the connection to the address that was checked: a second look-up cannot give another one. */
const onlyPublic: BeforeRequestHook = async (options) => {
  if (!(options.url instanceof URL)) return;
  const { address, family } = await publicAddressOf(options.url.hostname);
  options.dnsLookup = pinned(address, family);
};

/** Before 4.14.0 nothing was refused, and in 4.14.0 nobody could allow it. */
const refusesPrivate = ({ features, settings }: World): boolean =>
  features.privateWebhooks === 'refused' || (features.privateWebhooks === 'configured' && settings.blockPrivateWebhooks);

function createClient(world: World): Got {
  const { features, settings } = world;
  const timeout = settings.webhookTimeoutMs;
  return got.extend({
    method: 'POST',
    retry: { limit: 0 },
    throwHttpErrors: false,
    followRedirect: features.webhookRedirects,
    maxRedirects: 10,
    // The same verb and body go to the new address.
    methodRewriting: false,
    timeout: { lookup: timeout, connect: timeout, secureConnect: timeout, socket: timeout, request: 60_000 },
    agent: { http: new http.Agent({ keepAlive: false }), https: new https.Agent({ keepAlive: false }) },
    hooks: { beforeRequest: [(options, context) => (refusesPrivate(world) ? onlyPublic(options, context) : undefined)] },
  });
}

function parseAddress(address: string): URL | null {
  if (!URL.canParse(address)) return null;
  const url = new URL(address);
  return url.protocol === 'http:' || url.protocol === 'https:' ? url : null;
}

/** The headers of one delivery; the signature is over timestamp, dot and body, with the secret the inbox had when it was enqueued. */
function webhookHeaders(features: Features, secret: string, body: string): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
  return {
    'content-type': 'application/json',
    accept: 'application/json',
    'user-agent': 'Ruby',
    ...(features.deliveryId ? { 'x-chatwoot-delivery': randomUUID() } : {}),
    ...(features.signedWebhooks ? { 'x-chatwoot-timestamp': timestamp, 'x-chatwoot-signature': `sha256=${signature}` } : {}),
  };
}

/** Sends webhooks: signed where the release signs, no retry, redirects followed where the release follows them. Never rejects. */
export function createWebhookClient(world: World) {
  const client = createClient(world);
  return async function send(address: string, secret: string, body: string, signal: AbortSignal): Promise<WebhookResult> {
    const url = parseAddress(address);
    if (!url) return { status: null, error: 'scheme must be http or https' };
    try {
      const answer = await client(url, { body, headers: webhookHeaders(world.features, secret, body), signal });
      const status = answer.statusCode;
      if (status >= 200 && status < 300) return { status, error: null };
      return { status, error: `${status} ${answer.statusMessage || http.STATUS_CODES[status] || ''}`.trim() };
    } catch (error) {
      return { status: null, error: errorText(error, url) };
    }
  };
}
