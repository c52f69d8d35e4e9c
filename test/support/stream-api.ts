import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

export interface StreamConnectionRecord {
  readonly instanceId: string;
  readonly after: bigint;
  readonly authorization: string | undefined;
  readonly received: unknown[];
  isOpen(): boolean;
  send(frame: unknown): void;
}

export interface StreamApi {
  readonly url: string;
  /** Every connection that was ever accepted, oldest first. */
  readonly connections: readonly StreamConnectionRecord[];
  /** The connections of an instance that are open now; probes that have ended are none of them. */
  open(instanceId: string): StreamConnectionRecord[];
  /** `silent` accepts and says nothing, a number refuses with that status. */
  behave(how: 'well' | 'silent' | number): void;
  /** What the greeting tells as the latest sequence. */
  latest: number;
  /** Listens, on the same port as before. */
  start(): Promise<void>;
  /** Cuts every connection and stops listening. */
  stop(): Promise<void>;
}

/** The api's end of the event stream, as far as a bridge sees it. */
export async function createStreamApi(): Promise<StreamApi> {
  const connections: StreamConnectionRecord[] = [];
  let behaviour: 'well' | 'silent' | number = 'well';
  let server: Server | undefined;
  let sockets: WebSocketServer | undefined;
  let port = 0;

  function accept(socket: WebSocket, url: URL, authorization: string | undefined): void {
    const received: unknown[] = [];
    const instanceId = decodeURIComponent(url.pathname.split('/').at(-1) ?? '');
    connections.push({
      instanceId,
      after: BigInt(url.searchParams.get('after') ?? '-1'),
      authorization,
      received,
      isOpen: () => socket.readyState === socket.OPEN,
      send: (frame) => socket.send(typeof frame === 'string' ? frame : JSON.stringify(frame)),
    });
    socket.on('error', () => {});
    socket.on('message', (data) => received.push(JSON.parse(String(data))));
    if (behaviour === 'well') socket.send(JSON.stringify({ type: 'hello', instance: instanceId, latest: api.latest }));
  }

  const api: StreamApi = {
    get url() {
      return `http://127.0.0.1:${port}`;
    },
    connections,
    open: (instanceId) => connections.filter((connection) => connection.instanceId === instanceId && connection.isOpen()),
    behave(how) {
      behaviour = how;
    },
    latest: 0,
    async start() {
      sockets = new WebSocketServer({ noServer: true });
      server = createServer((_request, response) => response.writeHead(404).end());
      server.on('upgrade', (request, socket, head) => {
        if (typeof behaviour === 'number') {
          socket.end(`HTTP/1.1 ${behaviour} Refused\r\nConnection: close\r\n\r\n`);
          return;
        }
        sockets?.handleUpgrade(request, socket, head, (webSocket) => {
          accept(webSocket, new URL(request.url ?? '', api.url), request.headers.authorization);
        });
      });
      await new Promise<void>((resolve, reject) => {
        server?.once('error', reject);
        server?.listen(port, '127.0.0.1', resolve);
      });
      // A TCP server's address is an object; only pipes have text.
      port = (server.address() as AddressInfo).port;
    },
    async stop() {
      for (const socket of sockets?.clients ?? []) socket.terminate();
      server?.closeAllConnections();
      await new Promise<void>((resolve) => {
        if (server?.listening) server.close(() => resolve());
        else resolve();
      });
    },
  };
  await api.start();
  return api;
}
