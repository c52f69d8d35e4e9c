import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { z } from 'zod';

const setSchema = z.object({
  webhook: z.looseObject({ enabled: z.boolean(), url: z.string(), headers: z.record(z.string(), z.string()) }),
});
export type ScriptedWebhook = z.infer<typeof setSchema>['webhook'];

/** As much of Evolution API as whoever sets webhooks and asks for the connection needs; each test says how it behaves. */
export async function startScriptedEvolution(apikey: string) {
  const webhooks = new Map<string, ScriptedWebhook>();
  const asked: string[] = [];
  const script = { state: 'open', chatwoot: false, answer: 'well' as 'well' | 'down' | 'silent' };
  const hanging = new Set<ServerResponse>();

  async function answerOf(request: IncomingMessage): Promise<[number, unknown]> {
    const { pathname } = new URL(request.url ?? '', 'http://x');
    const [, area = '', action = '', name = ''] = pathname.split('/').map(decodeURIComponent);
    if (request.headers.apikey !== apikey)
      return [401, { status: 401, error: 'Unauthorized', response: { message: 'Unauthorized' } }];
    switch (`${area}/${action}`) {
      case 'webhook/find': {
        const set = webhooks.get(name);
        return [200, set === undefined ? null : { ...set, webhookByEvents: set.byEvents, webhookBase64: set.base64 }];
      }
      case 'webhook/set':
        webhooks.set(name, setSchema.parse(await json(request)).webhook);
        return [201, webhooks.get(name)];
      case 'chatwoot/find':
        return [200, script.chatwoot ? { enabled: true, url: 'https://old.example', accountId: '3' } : null];
      case 'instance/connectionState':
        return [200, { instance: { instanceName: name, state: script.state } }];
      case 'instance/connect':
        return [200, { pairingCode: 'ABCD1234', code: '2@text-to-draw', base64: 'data:image/png;base64,eA==', count: 1 }];
      case 'chat/findMessages':
        return [200, { messages: { total: 0, pages: 0, currentPage: 1, records: [] } }];
      default:
        return [404, { status: 404, error: 'Not Found', response: { message: [`Cannot ${request.method} ${pathname}`] } }];
    }
  }

  async function take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    asked.push(`${request.method} ${request.url}`);
    if (script.answer === 'silent') {
      hanging.add(response);
      return;
    }
    const [status, body] = script.answer === 'down' ? [503, { message: 'starting' }] : await answerOf(request);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  const server = createServer((request, response) => {
    take(request, response).catch(() => response.writeHead(500).end());
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the engine has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    apikey,
    script,
    webhooks,
    /** Every request, as `GET /webhook/find/suporte`. */
    asked,
    async stop() {
      for (const response of hanging) response.destroy();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export type ScriptedEvolution = Awaited<ReturnType<typeof startScriptedEvolution>>;
