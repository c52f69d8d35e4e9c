import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface BridgeCall {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
  readonly at: number;
}

/** What the bridge does with one call: it answers, or the script has the raw response in its hands. */
export type Reply =
  | { status: number; body: unknown; headers?: Record<string, string> }
  | ((response: ServerResponse) => void | Promise<void>);

export interface ScriptedBridge {
  readonly url: string;
  readonly token: string;
  /** How activations of this instance go: `nth` counts the calls for it from 1. The default succeeds. */
  onActivate(instanceId: string, script: (nth: number, call: BridgeCall) => Reply | Promise<Reply>): void;
  /** How a DELETE of this path goes; the default is 200. */
  onDelete(path: string, script: (nth: number) => Reply | Promise<Reply>): void;
  activations(instanceId: string): readonly BridgeCall[];
  deletes(): readonly BridgeCall[];
  stop(): Promise<void>;
}

export const integrationOf = (idempotencyKey: string): string => `int_of_${idempotencyKey}`;

/** What the real one answers: the same key gets the same integration. */
export const success = (call: BridgeCall, more: Record<string, unknown> = {}): Reply => ({
  status: 200,
  body: {
    id: integrationOf(String(call.headers['idempotency-key'])),
    status: 'active',
    inbox_id: 42,
    inbox_name: 'From the bridge',
    chatwoot_ms: 7,
    ...more,
  },
});

/** A refusal of Chatwoot as the real one reports it. */
export const refusedByChatwoot = (status: number, body: string, more: Record<string, unknown> = {}): Reply => {
  const url = 'https://chat.example.com/api/v1/accounts/5/inboxes';
  const upstream = { method: 'POST', url, status, body, ...more };
  return { status: 502, body: { success: false, error: { message: `${url} HTTP ${status}: ${body}`, upstream } } };
};

/** A bridge on a real port that does what the test says, and remembers every call. */
export async function startScriptedBridge(token: string): Promise<ScriptedBridge> {
  const calls: BridgeCall[] = [];
  const activateScripts = new Map<string, (nth: number, call: BridgeCall) => Reply | Promise<Reply>>();
  const deleteScripts = new Map<string, (nth: number) => Reply | Promise<Reply>>();
  const activations = (instanceId: string) =>
    calls.filter(({ method, body }) => method === 'POST' && body.instance_id === instanceId);

  function replyTo(call: BridgeCall): Reply | Promise<Reply> {
    if (call.headers.authorization !== `Bearer ${token}`) return { status: 401, body: { error: { message: 'Invalid token' } } };
    if (call.method === 'GET') return { status: 404, body: { success: false, error: { message: 'not found' } } };
    if (call.method === 'DELETE') {
      const nth = calls.filter(({ method, path }) => method === 'DELETE' && path === call.path).length;
      return deleteScripts.get(call.path)?.(nth) ?? { status: 200, body: { success: true } };
    }
    const instanceId = String(call.body.instance_id);
    return activateScripts.get(instanceId)?.(activations(instanceId).length, call) ?? success(call);
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const text = Buffer.concat(chunks).toString('utf8');
    const call: BridgeCall = {
      method: request.method ?? '',
      path: request.url ?? '',
      headers: request.headers,
      body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>),
      at: Date.now(),
    };
    calls.push(call);
    const reply = await replyTo(call);
    if (typeof reply === 'function') return reply(response);
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers });
    response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    token,
    onActivate: (instanceId, script) => activateScripts.set(instanceId, script),
    onDelete: (path, script) => deleteScripts.set(path, script),
    activations,
    deletes: () => calls.filter(({ method }) => method === 'DELETE'),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
