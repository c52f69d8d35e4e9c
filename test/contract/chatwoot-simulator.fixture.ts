import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { type ChatwootSimulatorOptions, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { waitFor } from '../support/wait-for.ts';

export const ACCOUNT = 5;

export interface Answer {
  status: number;
  body: unknown;
  text: string;
  contentType: string;
  headers: Headers;
}

interface CallOptions {
  token?: string | null;
  headers?: Record<string, string>;
}

/** The value at a path of an answer, which may be missing. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}

export const numberAt = (value: unknown, ...path: (string | number)[]): number => Number(at(value, ...path));

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A simulator that is stopped after the test, an administrator's token, and calls with it. */
export async function startChatwoot(options: ChatwootSimulatorOptions = {}) {
  const simulator = createChatwootSimulator({ deletionDelayMs: 50, ...options });
  const admin = simulator.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, name: 'Acme', role: 'administrator' }] });
  const { url } = await simulator.start();
  onTestFinished(() => simulator.stop());

  async function call(
    method: string,
    path: string,
    body?: unknown,
    { token = admin, headers = {} }: CallOptions = {},
  ): Promise<Answer> {
    const isRaw = body instanceof FormData || typeof body === 'string';
    const response = await fetch(url + path.replace(/^@/, `/api/v1/accounts/${ACCOUNT}`), {
      method,
      redirect: 'manual',
      headers: {
        ...(token === null ? {} : { api_access_token: token }),
        ...(body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      body: isRaw ? body : JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    const contentType = response.headers.get('content-type') ?? '';
    return { status: response.status, body: parse(text), text, contentType, headers: response.headers };
  }

  async function createInbox(values: Record<string, unknown> = {}, channel: Record<string, unknown> = {}): Promise<number> {
    const answer = await call('POST', '@/inboxes', { name: 'WhatsApp', channel: { type: 'api', ...channel }, ...values });
    return numberAt(answer.body, 'id');
  }

  /** A contact with the address `sourceId` in the inbox. */
  async function createContact(inboxId: number, sourceId: string, values: Record<string, unknown> = {}): Promise<number> {
    const answer = await call('POST', '@/contacts', { name: 'Maria', inbox_id: inboxId, source_id: sourceId, ...values });
    return numberAt(answer.body, 'payload', 'contact', 'id');
  }

  async function createConversation(inboxId: number, contactId: number, sourceId: string, values: Record<string, unknown> = {}) {
    const answer = await call('POST', '@/conversations', {
      inbox_id: inboxId,
      contact_id: contactId,
      source_id: sourceId,
      ...values,
    });
    return numberAt(answer.body, 'id');
  }

  /** An inbox, a contact and a conversation in one go. */
  async function createChat(inbox: Record<string, unknown> = {}, channel: Record<string, unknown> = {}) {
    const inboxId = await createInbox(inbox, channel);
    const contactId = await createContact(inboxId, 'source-1');
    const conversation = await createConversation(inboxId, contactId, 'source-1');
    return { inboxId, contactId, conversation, messages: `@/conversations/${conversation}/messages` };
  }

  return {
    simulator,
    state: simulator.state,
    faults: simulator.faults,
    url,
    admin,
    call,
    createInbox,
    createContact,
    createConversation,
    createChat,
  };
}

export type Chatwoot = Awaited<ReturnType<typeof startChatwoot>>;

export interface Received {
  headers: IncomingHttpHeaders;
  raw: string;
  body: unknown;
  url: string;
}

/** A receiver of webhooks that answers 200, or whatever `respond` does, and is closed after the test. */
export async function startReceiver(respond: (res: ServerResponse, received: Received) => void = (res) => void res.end()) {
  const received: Received[] = [];
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const raw = Buffer.concat(chunks).toString('utf8');
      const entry = { headers: req.headers, raw, body: parse(raw), url: req.url ?? '' };
      received.push(entry);
      respond(res, entry);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const events = () => received.map((entry) => String(at(entry.body, 'event')));
  return {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    events,
    ofEvent: (event: string) => received.filter((entry) => at(entry.body, 'event') === event),
    waitForEvent: (event: string, count = 1) =>
      waitFor(() => received.filter((entry) => at(entry.body, 'event') === event).length >= count, {
        describe: `${count} × ${event}`,
      }),
  };
}
