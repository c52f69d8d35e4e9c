import { createServer, type IncomingHttpHeaders } from 'node:http';
import { at, parseJson } from './target.ts';

export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly raw: string;
  readonly body: unknown;
}

export interface Receiver {
  /** The address under which a Chatwoot reaches `path` here. */
  address(path: string): string;
  /** Answers this status to what comes to `path`, in place of 200. */
  answer(path: string, status: number): void;
  /** What came to `path`, of one event or of any. */
  of(path: string, event?: string): Received[];
  stop(): Promise<void>;
}

const isLoopback = (host: string): boolean => host === '127.0.0.1' || host === 'localhost' || host === '[::1]';

/**
 * Listens for webhooks: on a free port of this machine, or where `publicUrl` leads, the address that Chatwoot is given, which has to reach the
 * same port here.
 */
export async function startReceiver(publicUrl?: string): Promise<Receiver> {
  const received: Received[] = [];
  const statuses = new Map<string, number>();
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const raw = Buffer.concat(chunks).toString('utf8');
      const path = (req.url ?? '').split('/').at(-1) ?? '';
      received.push({ path, headers: req.headers, raw, body: parseJson(raw) });
      res.writeHead(statuses.get(path) ?? 200).end();
    });
  });
  const given = publicUrl === undefined ? null : new URL(publicUrl);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(Number(given?.port ?? 0), given && !isLoopback(given.hostname) ? '0.0.0.0' : '127.0.0.1', resolve);
  });
  const bound = server.address();
  const port = typeof bound === 'object' && bound ? bound.port : 0;
  const base = (given?.href ?? `http://127.0.0.1:${port}`).replace(/\/$/, '');
  return {
    address: (path) => `${base}/${path}`,
    answer: (path, status) => void statuses.set(path, status),
    of: (path, event) =>
      received.filter((entry) => entry.path === path && (event === undefined || at(entry.body, 'event') === event)),
    async stop() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => void server.close(() => resolve()));
    },
  };
}
