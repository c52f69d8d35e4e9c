import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

/** What becomes of one request: when it reaches the target, and when its client loses the connection, if it does. */
interface Late {
  readonly method: string;
  /** Matched against the path. */
  readonly path: RegExp;
  readonly effectMs: number;
  readonly cutMs?: number;
}

export interface LateProxy {
  readonly url: string;
  /** Holds the next request of that kind. `passed` resolves when the target has done what it asks for, whoever still waits for that. */
  hold(late: Late): { readonly taken: () => boolean; readonly passed: Promise<void> };
  /** Holds nothing more that it has not taken yet. */
  release(): void;
  stop(): Promise<void>;
}

/**
 * A web server in front of another one, which goes on with a request although the connection it came on is cut: as Rails does, which notices
 * only when it answers.
 */
export async function createLateProxy(targetUrl: string): Promise<LateProxy> {
  const held: { late: Late; taken: boolean; passed: () => void }[] = [];
  const server = http.createServer((req, res) => {
    handle(req, res).catch(() => res.destroy());
  });

  async function handle(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of req) chunks.push(chunk);
    const path = (req.url ?? '').replace(/\?.*/, '');
    const hit = held.find(({ late, taken }) => !taken && late.method === req.method && late.path.test(path));
    if (hit !== undefined) {
      hit.taken = true;
      if (hit.late.cutMs !== undefined) setTimeout(() => req.socket.resetAndDestroy(), hit.late.cutMs);
      await delay(hit.late.effectMs);
    }
    await pass(req, res, Buffer.concat(chunks));
    hit?.passed();
  }

  async function pass(req: IncomingMessage, res: ServerResponse, body: Buffer): Promise<void> {
    const onward = http.request(new URL(req.url ?? '/', targetUrl), { method: req.method, headers: req.headers });
    onward.end(body);
    const [answer]: IncomingMessage[] = await once(onward, 'response');
    if (answer === undefined) return;
    res.on('error', () => {});
    res.writeHead(answer.statusCode ?? 502, answer.headers);
    for await (const chunk of answer) res.write(chunk);
    res.end();
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');

  return {
    url: `http://127.0.0.1:${address.port}`,
    hold(late) {
      let passed = () => {};
      const done = new Promise<void>((resolve) => {
        passed = resolve;
      });
      const entry = { late, taken: false, passed };
      held.push(entry);
      return { taken: () => entry.taken, passed: done };
    },
    release() {
      held.length = 0;
    },
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
