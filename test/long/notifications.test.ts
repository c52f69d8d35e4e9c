import { Webhook } from 'standardwebhooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { createWhatsappEngineSimulator, type WhatsappEngineSimulator } from '../../simulators/whatsapp-engine/index.ts';
import { barriersOn } from '../support/accessibility.ts';
import { hasBrowser, openBrowser } from '../support/browser.ts';
import { type HookReceiver, startHookReceiver } from '../support/hook-receiver.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { waitFor } from '../support/wait-for.ts';

const ACCOUNT = 5;
const ENGINE_TOKEN = 'engine-account-token';

describe('a company that wants to be told, through all processes', () => {
  let chatwoot: ChatwootSimulator;
  let engine: WhatsappEngineSimulator;
  let hooks: HookReceiver;
  let stack: Stack;
  let token: string;
  let secret: string;
  let isKind = true;

  beforeAll(async () => {
    chatwoot = createChatwootSimulator();
    chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
    const adminToken = chatwoot.state.addUser({ name: 'Bia', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
    engine = createWhatsappEngineSimulator({ token: ENGINE_TOKEN });
    const [{ url: chatwootUrl }, { url: engineUrl }] = await Promise.all([chatwoot.start(), engine.start()]);
    hooks = await startHookReceiver((response) => void response.writeHead(isKind ? 204 : 500).end());
    stack = await startStack({
      engine: 'postgres',
      env: { ENGINE_URL: engineUrl, ENGINE_TOKEN, WEBHOOK_ALLOW_PRIVATE_NETWORK: 'true' },
      entries: { bridge: 'test/support/quick-bridge.ts', worker: 'test/support/quick-worker.ts' },
    });
    token = (await stack.createAccount('Orion Ltda')).token;
    const added = await stack.request({ path: '/api/account/webhooks', token, body: { url: hooks.url } });
    expect(added.status).toBe(201);
    ({ secret } = added.body as { secret: string });
    const made = await stack.request({ path: '/api/instance/new', token, body: { name: 'suporte' } });
    const { token: instanceToken } = made.body.instance as { token: string };
    const ingestUrl = `${stack.apis[0]?.url}/api/events/ingest/suporte`;
    engine.state.addInstance({ name: 'suporte', token: instanceToken, ingestUrl });
    const set = await stack.request({
      path: '/api/chatwoot/set/suporte',
      token,
      body: { chatwootBaseUrl: chatwootUrl, chatwootAccountId: ACCOUNT, chatwootApiToken: adminToken },
    });
    expect(set.status).toBe(201);
  });
  afterAll(async () => {
    await stack?.stop();
    await Promise.all([chatwoot?.stop(), engine?.stop(), hooks?.stop()]);
  });

  const told = (type: string) => hooks.received.filter(({ body }) => body.type === type);
  const isTold = (type: string, times = 1) =>
    waitFor(() => told(type).length >= times, { timeoutMs: 120_000, describe: `${type} being told` });

  it('hears of its activation, of a Chatwoot that goes away, once, and of its return, though a worker dies in between', async () => {
    await isTold('activation.finished');
    isKind = false;
    await chatwoot.stop();
    engine.state.receive('suporte', { from: { phone: '5511999990001', name: 'Ana' }, content: { type: 'text', text: 'oi' } });
    await isTold('integration.error');
    await stack.workers[0]?.process.kill9();
    isKind = true;
    await stack.startWorker(stack.workers[0]?.port);
    await isTold('integration.error', 2);
    await chatwoot.start();
    await isTold('integration.recovered');
    // However often it was delivered, it is one.
    expect(new Set(told('integration.error').map(({ body }) => body.id)).size).toBe(1);
    for (const { text, headers } of hooks.received) {
      expect(() => new Webhook(secret).verify(text, headers as Record<string, string>)).not.toThrow();
    }
    expect(told('integration.error')[0]?.body.data).toMatchObject({ account: 'Orion Ltda', instance: 'suporte' });
    expect(stack.logs()).not.toContain(secret.replace('whsec_', ''));
    expect(hooks.received.map(({ text }) => text).join()).not.toContain('"oi"');
  });

  it.skipIf(!hasBrowser())(
    'sees its webhooks in the console, adds one and removes it, with nothing in the way of anybody',
    async () => {
      const browser = await openBrowser({ viewport: { width: 390, height: 800 }, locale: 'en-GB' });
      const { page, problems } = browser;
      const look = async () => {
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme });
          expect(await barriersOn(page)).toEqual([]);
        }
      };
      const base = stack.apis[0]?.url ?? '';
      await page.goto(`${base}/`);
      await page.getByLabel('Token', { exact: true }).fill(token);
      await page.getByRole('button', { name: 'Log in' }).click();
      await page.getByRole('link', { name: 'Webhooks' }).click();
      await page.getByText('delivered', { exact: false }).first().waitFor();
      await look();
      await page.getByLabel('Address', { exact: true }).fill('https://example.com/another');
      await page.getByRole('button', { name: 'Add', exact: true }).click();
      await page.getByText('whsec_').waitFor();
      await look();
      await page.getByRole('link', { name: 'Back' }).click();
      await page.getByRole('button', { name: 'Remove: https://example.com/another' }).click();
      await page.getByText('https://example.com/another').waitFor({ state: 'detached' });
      expect(await page.getByRole('row').count()).toBe(2);
      expect(problems).toEqual([]);
      await browser.close();
    },
  );
});
