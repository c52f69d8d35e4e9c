import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import perfHooks from 'node:perf_hooks';
import express from 'express';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { LoginAttempts } from '../../../shared/auth/login-attempts.ts';
import { createLogin } from '../../../shared/auth/operator-login.ts';
import type { BridgeClient } from '../../../shared/bridge-client/client.ts';
import { measureBridgeClient } from '../../../shared/metrics/bridge-calls.ts';
import { createHttpMetrics } from '../../../shared/metrics/http-requests.ts';
import { createMetrics } from '../../../shared/metrics/metrics.ts';
import { createMetricsRoute } from '../../../shared/metrics/route.ts';
import { addSampledGauges } from '../../../shared/metrics/sampled-gauges.ts';

import { metricValue } from '../../support/scraped-metrics.ts';

const basic = (user: string, password: string) => ({
  authorization: `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`,
});
const servers: Server[] = [];
afterEach(() => {
  vi.restoreAllMocks();
  for (const server of servers.splice(0)) {
    server.close();
    server.closeAllConnections();
  }
});

async function serve(app: express.Express): Promise<string> {
  const server = createServer(app);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('the metrics of a process', () => {
  test('two registries in one process do not share a metricValue', async () => {
    const [one, two] = [createMetrics({ service: 'api' }), createMetrics({ service: 'worker' })];
    expect(await one.registry.metrics()).toContain('service="api"');
    expect(await two.registry.metrics()).not.toContain('service="api"');
  });

  test('the event loop of a process is looked at once, however many registries show it', async () => {
    const looks = vi.spyOn(perfHooks, 'monitorEventLoopDelay');
    const registries = [
      createMetrics({ service: 'api' }),
      createMetrics({ service: 'worker' }),
      createMetrics({ service: 'bridge' }),
    ];
    expect(looks.mock.calls.length).toBeLessThanOrEqual(1);
    for (const { registry } of registries)
      expect(await registry.metrics()).toMatch(/^nodejs_eventloop_lag_p99_seconds\{service="/m);
  });

  test('tell which version runs', async () => {
    expect(await createMetrics({ service: 'bridge' }).registry.metrics()).toMatch(
      /^ponte_build_info\{version="\d+\.\d+\.\d+",service="bridge"\} 1$/m,
    );
  });

  test('an unhandled rejection is counted between start and stop, and only then', async () => {
    const metrics = createMetrics({ service: 'api' });
    const count = async () =>
      (await metrics.registry.getSingleMetric('ponte_unhandled_rejections_total')?.get())?.values[0]?.value;
    const before = process.listeners('unhandledRejection');
    metrics.start();
    process.emit('unhandledRejection', new Error('nobody looked'), Promise.resolve());
    expect(await count()).toBe(1);
    metrics.stop();
    expect(process.listeners('unhandledRejection')).toEqual(before);
  });

  test('a sampled gauge that cannot be looked up is left out and counted, and is back when it can', async () => {
    const { registry } = createMetrics({ service: 'api' });
    let broken = false;
    addSampledGauges({
      registry,
      collector: 'stock',
      gauges: { ponte_a: { help: 'a' }, ponte_b: { help: 'b', labelNames: ['kind'] } },
      sample: async () => {
        if (broken) throw new Error('away');
        return [
          { gauge: 'ponte_a', value: 7 },
          { gauge: 'ponte_b', labels: { kind: 'x' }, value: 8 },
        ];
      },
    });
    const first = await registry.metrics();
    expect(first).toMatch(/^ponte_a\{service="api"\} 7$/m);
    expect(first).toMatch(/^ponte_b\{kind="x",service="api"\} 8$/m);
    expect(first).toMatch(/^ponte_collector_failures_total\{collector="stock",service="api"\} 0$/m);

    broken = true;
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 2_001); // the last look is fresh for two seconds
    const second = await registry.metrics();
    expect(second).not.toMatch(/^ponte_[ab]\{/m);
    expect(await registry.metrics()).toMatch(/^ponte_collector_failures_total\{collector="stock",service="api"\} 1$/m);
  });

  test('several scrapes at once cost one look', async () => {
    const { registry } = createMetrics({ service: 'api' });
    let looks = 0;
    addSampledGauges({
      registry,
      collector: 'stock',
      gauges: { ponte_a: { help: 'a' }, ponte_b: { help: 'b' } },
      sample: async () => {
        looks += 1;
        return [];
      },
    });
    await Promise.all([registry.metrics(), registry.metrics(), registry.metrics()]);
    expect(looks).toBe(1);
  });

  test('a call to the bridge is filed under what came of it', async () => {
    const { registry } = createMetrics({ service: 'worker' });
    const answers = [
      { ok: true, value: undefined },
      { ok: false, failure: { kind: 'timeout', timeoutMs: 1 } },
      { ok: false, failure: { kind: 'http', status: 401, error: undefined, text: '', retryAfterSeconds: undefined } },
      {
        ok: false,
        failure: {
          kind: 'http',
          status: 502,
          error: { message: 'm', upstream: { method: 'POST', url: 'http://c' } },
          text: '',
          retryAfterSeconds: undefined,
        },
      },
    ];
    const client = { get: async () => answers.shift() } as unknown as BridgeClient; // only this call is made
    const measured = measureBridgeClient(client, registry);
    for (let call = 0; call < 4; call += 1) await measured.get('int_1', { timeoutMs: 1 });
    const text = await registry.metrics();
    for (const outcome of ['ok', 'timeout', 'http_401', 'chatwoot']) {
      expect(metricValue(text, 'ponte_bridge_call_duration_seconds_count', { operation: 'get', outcome })).toBe(1);
    }
  });
});

describe('the operator’s door', () => {
  const credentials = { user: 'ops', password: 'a-good-password' };
  /** What all processes count in. */
  function createAttempts() {
    let count = 0;
    return {
      begin: async () => {
        count += 1;
        return count <= 10;
      },
      succeeded: async () => {
        count -= 1;
      },
      count: () => count,
    };
  }
  const away = { begin: () => Promise.reject(new Error('away')), succeeded: () => Promise.reject(new Error('away')) };
  async function openDoor(attempts: LoginAttempts = createAttempts()) {
    const app = express();
    app.use(createLogin(credentials, attempts), (_request, response) => void response.send('inside'));
    const url = await serve(app);
    return async (headers: Record<string, string> = {}) => (await fetch(url, { headers })).status;
  }

  test('shows /metrics to the operator alone, and files requests under the pattern of their path', async () => {
    const { registry } = createMetrics({ service: 'api' });
    const app = express();
    app.use(createHttpMetrics({ registry }));
    app.use(createMetricsRoute({ registry, login: createLogin(credentials, createAttempts()) }));
    app.get('/things/:id', (_request, response) => {
      Object.assign(response.locals, { route: '/things/:id', errorCode: 'rate_limited' });
      response.sendStatus(429);
    });
    const url = await serve(app);
    expect((await fetch(`${url}/metrics`)).status).toBe(401);
    await fetch(`${url}/things/secret-name`);
    const answer = await fetch(`${url}/metrics`, { headers: basic('ops', 'a-good-password') });
    const text = await answer.text();
    expect(answer.headers.get('content-type')).toContain('text/plain');
    expect(metricValue(text, 'ponte_http_request_duration_seconds_count', { route: '/things/:id', status: '429' })).toBe(1);
    expect(metricValue(text, 'ponte_http_errors_total', { code: 'rate_limited' })).toBe(1);
    expect(text).not.toContain('secret-name');
  });

  test.each([
    ['', createAttempts],
    [', also while the database is away', () => away],
  ])(
    'turns every wrong pair away the same, and after ten of them the address, even with the right one%s',
    async (_when, make) => {
      const status = await openDoor(make());
      expect(await status(basic('ops', 'a-good-password'))).toBe(200);
      const wrong = [basic('ops', 'wrong'), basic('other', 'a-good-password'), basic('', ''), basic('ops', 'a-good-password ')];
      for (const headers of [...wrong, ...wrong, ...wrong].slice(0, 10)) expect(await status(headers)).toBe(401);
      expect(await status(basic('ops', 'wrong'))).toBe(429);
      expect(await status(basic('ops', 'a-good-password'))).toBe(429);
    },
  );

  test('does not count asking without credentials as a failure', async () => {
    const status = await openDoor();
    for (let count = 0; count < 15; count += 1) expect(await status()).toBe(401);
    expect(await status(basic('ops', 'a-good-password'))).toBe(200);
  });

  test('holds when many guess at once, whichever process they ask: no more than ten are listened to', async () => {
    const attempts = createAttempts();
    const doors = await Promise.all([openDoor(attempts), openDoor(attempts)]);
    const statuses = await Promise.all(Array.from({ length: 60 }, (_, index) => doors[index % 2]?.(basic('ops', 'guess'))));
    expect(statuses.filter((status) => status === 401)).toHaveLength(10);
    expect(statuses.filter((status) => status === 429)).toHaveLength(50);
    for (const status of doors) expect(await status(basic('ops', 'a-good-password'))).toBe(429);
  });

  test('counts no login that was right, and asks once for all of the many requests of a page', async () => {
    const attempts = createAttempts();
    const begin = vi.spyOn(attempts, 'begin');
    const status = await openDoor(attempts);
    for (let count = 0; count < 15; count += 1) expect(await status(basic('ops', 'a-good-password'))).toBe(200);
    expect([begin.mock.calls.length, attempts.count()]).toEqual([1, 0]);
    // Where somebody has failed since, it is asked again.
    expect(await status(basic('ops', 'wrong'))).toBe(401);
    expect(await status(basic('ops', 'a-good-password'))).toBe(200);
    expect([begin.mock.calls.length, attempts.count()]).toEqual([3, 1]);
  });
});
