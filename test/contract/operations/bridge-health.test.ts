import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createBridge } from '../../../bridge/bridge.ts';
import { readBridgeConfig } from '../../../shared/config/config.ts';
import type { Service } from '../../../shared/run-process.ts';
import { createTestDatabase } from '../../support/database.ts';
import { createFaultProxy, type FaultProxy } from '../../support/fault-proxy.ts';
import { freePort } from '../../support/ports.ts';
import { waitFor } from '../../support/wait-for.ts';

const BRIDGE_TOKEN = 'bridge-token-of-the-tests';

describe('the health of the bridge', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let proxy: FaultProxy;
  let bridge: Service;
  let url = '';
  const ready = async () => {
    const response = await fetch(`${url}/readyz`);
    return { status: response.status, body: await response.json() };
  };

  beforeAll(async () => {
    database = await createTestDatabase();
    const target = new URL(database.url);
    proxy = await createFaultProxy({ target: { port: Number(target.port) } });
    target.port = String(proxy.port);
    const port = await freePort();
    url = `http://127.0.0.1:${port}`;
    const config = readBridgeConfig({
      BRIDGE_PORT: String(port),
      BRIDGE_TOKEN,
      BRIDGE_DATABASE_URL: target.href,
      ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    });
    bridge = createBridge({ config, logger: pino({ level: 'silent' }) });
    await bridge.start();
  });
  afterAll(async () => {
    await proxy.stop();
    await database.drop();
  });

  test('names what it lacks, lives on without it, and is ready again by itself', async () => {
    expect(await ready()).toEqual({ status: 200, body: { status: 'ready', checks: { database: 'ok' } } });
    await proxy.set({ mode: 'refuse' });
    expect(await ready()).toEqual({ status: 503, body: { status: 'unready', checks: { database: 'unavailable' } } });
    expect((await fetch(`${url}/healthz`)).status).toBe(200);
    await proxy.set({ mode: 'pass' });
    await waitFor(async () => (await ready()).status === 200);
  });

  test('shows nobody its metrics where there is no login', async () => {
    expect((await fetch(`${url}/metrics`)).status).toBe(404);
  });

  test('is unready before it stops listening, and still takes what comes until then', async () => {
    const stopped = bridge.stop();
    expect(await ready()).toMatchObject({ status: 503, body: { status: 'draining' } });
    const answer = await fetch(`${url}/v1/integrations/int_none`, { headers: { authorization: `Bearer ${BRIDGE_TOKEN}` } });
    expect(answer.status).toBe(404);
    await stopped;
    await expect(fetch(`${url}/healthz`)).rejects.toThrow();
  });
});
