import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface BridgeVisit {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: unknown;
}

type Reply = { status: number; body?: unknown } | 'hang' | 'reset';

/** A bridge that answers what a test tells it to, and remembers who called. */
export async function startFakeBridge(reply: (visit: BridgeVisit) => Reply = () => ({ status: 404 })) {
  const visits: BridgeVisit[] = [];
  let answer = reply;
  const server = createServer(async (request, response) => {
    let text = '';
    for await (const chunk of request) text += chunk;
    const { method = '', url = '', headers } = request;
    const visit = { method, path: url, headers, body: text === '' ? undefined : JSON.parse(text) };
    const probe = url === '/healthz';
    if (!probe) visits.push(visit);
    const said = probe ? { status: 200, body: { status: 'ok' } } : answer(visit);
    if (said === 'hang') return;
    if (said === 'reset') {
      request.socket.destroy();
      return;
    }
    response.writeHead(said.status, { 'content-type': 'application/json' });
    response.end(said.body === undefined ? '' : JSON.stringify(said.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    visits,
    reply(next: typeof reply) {
      answer = next;
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
