import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach } from 'vitest';
import { z } from 'zod';
import { createWhatsappEngineSimulator, type WhatsappEngineSimulator } from '../../simulators/whatsapp-engine/index.ts';

export const ACCOUNT_TOKEN = 'account-token';
export const INSTANCE_TOKEN = 'instance-token';
export const maria = { phone: '5511988887777', name: 'Maria' };

const frameSchema = z.object({
  event: z.string(),
  data: z.looseObject({}),
  instanceData: z.object({ baseUrl: z.string(), instance: z.string(), token: z.string() }),
});

export interface ReceivedEvent {
  readonly path: string;
  readonly token: string | undefined;
  readonly frame: z.infer<typeof frameSchema>;
}

export interface Ingest {
  readonly url: string;
  /** What was taken with a 200, in order. */
  readonly received: ReceivedEvent[];
  /** What it answers, first to last; 200 when there is nothing left. */
  readonly answers: number[];
  stop(): void;
}

/** Takes an engine's events as the api does, and keeps them. */
async function createIngest(): Promise<Ingest> {
  const received: ReceivedEvent[] = [];
  const answers: number[] = [];
  async function take(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const frame = frameSchema.parse(await json(req));
    const status = answers.shift() ?? 200;
    res.writeHead(status).end('{}');
    if (status === 200) received.push({ path: req.url ?? '', token: req.headers.token?.toString(), frame });
  }
  const server = createServer((req, res) => void take(req, res));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the ingest has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    received,
    answers,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** A GET, or a POST of `body`, with the instance's token unless told otherwise; no token at all for ''. */
export async function callEngine(url: string, body?: unknown, token: string = INSTANCE_TOKEN): Promise<Answer> {
  const response = await fetch(url, {
    method: body === undefined ? 'GET' : 'POST',
    headers: { 'content-type': 'application/json', ...(token === '' ? {} : { token }) },
    body: body === undefined ? undefined : JSON.stringify(body),
    signal: AbortSignal.timeout(5_000),
  });
  return { status: response.status, body: z.record(z.string(), z.unknown()).parse(await response.json()) };
}

export const refused = (status: number, message: string): Answer => ({ status, body: { success: false, error: { message } } });

/** Before each test: an ingest, and an engine with the connected instance `suporte`, which reports nothing of what it sends. */
export function useWhatsappEngine() {
  let ingest: Ingest;
  let engine: WhatsappEngineSimulator;
  beforeEach(async () => {
    ingest = await createIngest();
    const ingestUrl = `${ingest.url}/api/events/ingest/:instance`;
    engine = createWhatsappEngineSimulator({ token: ACCOUNT_TOKEN, ingestUrl, retries: { delaysMs: [10], maxAttempts: 5 } });
    await engine.start();
    engine.state.addInstance({ name: 'suporte', token: INSTANCE_TOKEN, number: '5511999990000', settings: { statuses: [] } });
  });
  afterEach(async () => {
    await engine.stop();
    ingest.stop();
  });
  return {
    ingest: () => ingest,
    engine: () => engine,
    call: (path: string, body?: unknown, token?: string) => callEngine(`${engine.url()}${path}`, body, token),
    /** The data of every event of this kind, once nothing is on its way any more. */
    async dataOf(event: string): Promise<Record<string, unknown>[]> {
      await engine.state.idle();
      return ingest.received.filter(({ frame }) => frame.event === event).map(({ frame }) => frame.data);
    },
  };
}
