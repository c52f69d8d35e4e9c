import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { type ReceivedSpan, startOtlpReceiver } from '../support/otlp-receiver.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { waitFor } from '../support/wait-for.ts';

const ACCOUNT = 5;
const WRONG = 'a-wrong-chatwoot-token-marker';

describe('traces of an activation', () => {
  let receiver: Awaited<ReturnType<typeof startOtlpReceiver>>;
  let chatwoot: ChatwootSimulator;
  let chatwootUrl = '';
  let stack: Stack;
  let adminToken = '';
  let token = '';

  beforeAll(async () => {
    receiver = await startOtlpReceiver();
    chatwoot = createChatwootSimulator();
    chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
    adminToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.endpoint };
    [chatwootUrl, stack] = await Promise.all([chatwoot.start().then(({ url }) => url), startStack({ engine: 'postgres', env })]);
    token = (await stack.createAccount()).token;
    await stack.request({ path: '/api/instance/new', token, body: { name: 'suporte' } });
  });
  afterAll(async () => {
    await stack?.stop();
    await chatwoot?.stop();
    receiver?.stop();
  });

  const set = (chatwootApiToken: string, headers: Record<string, string> = {}) =>
    stack.request({
      path: '/api/chatwoot/set/suporte?note=secret-in-a-query',
      token,
      headers,
      body: { chatwootBaseUrl: chatwootUrl, chatwootAccountId: ACCOUNT, chatwootApiToken, inboxName: 'Inbox of the trace' },
    });
  const ROUTE = 'POST /api/chatwoot/set/:instance';
  const complete = (requestId: string): Promise<ReceivedSpan[]> =>
    waitFor(
      () => {
        const root = receiver.spans.find(
          ({ name, attributes }) => name === ROUTE && attributes['ponte.request_id'] === requestId,
        );
        const spans = receiver.spans.filter(({ traceId }) => traceId === root?.traceId);
        const services = new Set(spans.map(({ service }) => service));
        return services.size === 3 && spans.some(({ name }) => name.startsWith('chatwoot ')) ? spans : undefined;
      },
      { describe: 'the trace of the request' },
    );

  it('is one chain from the request through the job and the bridge to Chatwoot', async () => {
    const { status, headers } = await set(adminToken, { 'x-request-id': 'trace-test-1' });
    expect([status, headers.get('x-request-id')]).toEqual([201, 'trace-test-1']);
    const spans = await complete('trace-test-1');
    const chain: string[] = [];
    for (let span = spans.find(({ name }) => name === 'chatwoot POST inboxes'); span !== undefined; ) {
      const { service, name, parentSpanId } = span;
      chain.unshift(`${service}: ${name}`);
      span = spans.find(({ spanId }) => spanId === parentSpanId);
    }
    expect(chain).toEqual([
      `ponte-api: ${ROUTE}`,
      'ponte-api: add to activations',
      'ponte-worker: run activations',
      'ponte-worker: bridge activate',
      'ponte-bridge: POST /v1/integrations/activate',
      'ponte-bridge: chatwoot POST inboxes',
    ]);
    expect(spans.filter(({ failed }) => failed)).toEqual([]);
  });

  it('and so are the log lines: the request’s id is in those of all three', () => {
    const lines = stack
      .logs()
      .split('\n')
      .filter((line) => line.includes('"requestId":"trace-test-1"'));
    for (const service of ['api', 'worker', 'bridge'])
      expect(lines.some((line) => line.includes(`"service":"${service}"`))).toBe(true);
    // One for the request, at the api and at the bridge; one for the try, at the worker.
    expect(lines.length).toBeLessThanOrEqual(4);
  });

  it('hangs below the span of the client that sent a traceparent, and marks what failed', async () => {
    const traceId = '0af7651916cd43dd8448eb211c80319c';
    const { status } = await set(WRONG, { 'x-request-id': 'trace-test-2', traceparent: `00-${traceId}-b7ad6b7169203331-01` });
    expect(status).toBe(401);
    const spans = await complete('trace-test-2');
    expect(spans.find(({ name }) => name === ROUTE)).toMatchObject({
      traceId,
      parentSpanId: 'b7ad6b7169203331',
      attributes: { 'http.response.status_code': '401', 'error.type': 'chatwoot_token_invalid' },
    });
    expect(spans.find(({ name }) => name === 'run activations')).toMatchObject({
      failed: true,
      attributes: { 'error.type': 'chatwoot_token_invalid' },
    });
    // The instance has an inbox by now: the bridge looks at that one first.
    expect(spans.find(({ name }) => name === 'chatwoot GET inboxes/:id')).toMatchObject({
      failed: true,
      attributes: { 'error.type': 'http_401' },
    });
  });

  it('tells nobody a secret, a name or what was said', async () => {
    const dump = receiver.dump();
    expect(dump).toContain('chatwoot POST inboxes');
    for (const secret of [adminToken, WRONG, token, stack.bridgeToken, 'secret-in-a-query', 'suporte', 'Inbox of the trace']) {
      expect(dump).not.toContain(secret);
    }
  });

  it('takes nothing from a traceparent that is none', async () => {
    await set(adminToken, { 'x-request-id': 'trace-test-3', traceparent: '00-zzz-1-01' });
    const [root] = (await complete('trace-test-3')).filter(({ name }) => name === ROUTE);
    expect(root?.parentSpanId).toBeUndefined();
  });
});
