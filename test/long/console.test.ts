import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { createEvolutionSimulator, type EvolutionSimulator } from '../../simulators/engines/evolution/index.ts';
import { createWhatsappEngineSimulator, type WhatsappEngineSimulator } from '../../simulators/whatsapp-engine/index.ts';
import { hasBrowser, openBrowser, type RealBrowser } from '../support/browser.ts';
import { lookAtPage } from '../support/look-at-page.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { waitFor } from '../support/wait-for.ts';

const ACCOUNT = 5;
const ENGINE_TOKEN = 'marker-engine-token';
const WRONG_TOKEN = 'marker-wrong-chatwoot-token';
const INSTANCE = 'suporte';
/** Together they show every colour there is. */
const DARK = new Set(['front', 'wrong-token', 'relaying', 'pair', 'deactivate']);

describe.skipIf(!hasBrowser())('an account holder in a real browser', () => {
  let chatwoot: ChatwootSimulator;
  let engine: WhatsappEngineSimulator;
  let evolution: EvolutionSimulator;
  let stack: Stack;
  let browser: RealBrowser;
  let page: Page;
  let base = '';
  let chatwootToken = '';
  let accountToken = '';
  let instanceToken = '';
  let requested: RealBrowser['requested'];
  let problems: string[];
  const shown: string[] = [];

  beforeAll(async () => {
    chatwoot = createChatwootSimulator();
    chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
    chatwootToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
    engine = createWhatsappEngineSimulator({ token: ENGINE_TOKEN });
    evolution = createEvolutionSimulator({ token: ENGINE_TOKEN });
    const [{ url: engineUrl }] = await Promise.all([engine.start(), chatwoot.start(), evolution.start()]);
    evolution.addInstance({ name: 'loja', connected: false });
    stack = await startStack({ engine: 'postgres', env: { ENGINE_URL: engineUrl, ENGINE_TOKEN } });
    base = stack.apis[0]?.url ?? '';
    accountToken = (await stack.createAccount('Orion Ltda')).token;
    browser = await openBrowser({ viewport: { width: 1300, height: 900 }, locale: 'en-GB' });
    ({ page, requested, problems } = browser);
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
    await Promise.all([chatwoot?.stop(), engine?.stop(), evolution?.stop()]);
  });

  const look = (name: string) => lookAtPage(browser, { name, inDark: DARK.has(name), shown });

  it('reads what this is, and gets in with a token and with nothing else', async () => {
    await page.goto(`${base}/`);
    await look('front');
    await page.getByLabel('Token', { exact: true }).fill('pta_nobody-has-this-one');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('Nobody has this token.').waitFor();
    // The browser tells of the answer, which is the right one.
    expect(problems.splice(0)).toEqual([expect.stringContaining('401')]);
    await page.getByLabel('Token', { exact: true }).fill(accountToken);
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByText('There is no instance yet.').waitFor();
    await look('nothing-yet');
  });

  it('makes an instance, whose token is shown once', async () => {
    await page.getByRole('link', { name: 'Make the first one' }).click();
    await page.getByLabel('Name').fill(INSTANCE);
    await look('new-instance');
    await page.getByRole('button', { name: 'Create and go on' }).click();
    instanceToken = (await page.locator('#instance-token').textContent()) ?? '';
    expect(instanceToken).toMatch(/^pti_\w{40}$/);
    await page.getByRole('link', { name: 'Go on to Chatwoot' }).click();
    await page.getByRole('heading', { name: 'Connect Chatwoot' }).waitFor();
    await look('connect');
    engine.state.addInstance({ name: INSTANCE, token: instanceToken, ingestUrl: `${base}/api/events/ingest/${INSTANCE}` });
  });

  it('is told beside the field what is wrong, while typing and when activating', async () => {
    await page.getByLabel('Address of Chatwoot').fill(chatwoot.url());
    await page.getByLabel('Account number').fill('9');
    await page.getByLabel('Access token').fill(chatwootToken);
    // By itself, once all is filled in; and the accounts that the token does open.
    await page.locator('#chatwootAccountId-fault', { hasText: 'Chatwoot account or endpoint not found' }).waitFor();
    await page.getByText('account 5, Orion (administrator)').waitFor();
    await look('wrong-account');
    await page.getByLabel('Account number').fill(String(ACCOUNT));
    await page.getByText('These settings would activate.').waitFor();
    expect(await page.locator('#chatwootAccountId-fault').textContent()).toBe('');
    expect(chatwoot.state.inboxes(ACCOUNT)).toEqual([]);

    await page.getByLabel('Access token').fill(WRONG_TOKEN);
    await page.getByRole('button', { name: 'Activate' }).click();
    await page.locator('#outcome').getByText('It did not work').waitFor();
    expect(await page.locator('#chatwootApiToken-fault').textContent()).toBe(
      'Chatwoot rejected the API token — verify “Access token”.',
    );
    expect(await page.getByLabel('Access token').getAttribute('aria-invalid')).toBe('true');
    await look('wrong-token');
  });

  it('activates, and sees a message in and an answer out', async () => {
    await page.getByLabel('Access token').fill(chatwootToken);
    await page.getByLabel('Name of the inbox').fill('WhatsApp - Orion');
    await page.getByLabel('Sign messages').check();
    await page.getByRole('button', { name: 'Activate' }).click();
    await page.getByText('Chatwoot is connected. The inbox is there.').waitFor();
    const [inbox] = chatwoot.state.inboxes(ACCOUNT);
    expect(await page.getByRole('link', { name: 'Open the inbox in Chatwoot' }).getAttribute('href')).toBe(
      `${chatwoot.url()}/app/accounts/${ACCOUNT}/inbox/${inbox?.id}`,
    );
    await look('activated');

    engine.state.receive(INSTANCE, { from: { phone: '5511987654321', name: 'Maria' }, content: { type: 'text', text: 'Olá!' } });
    await waitFor(() => chatwoot.state.messages(ACCOUNT).some(({ content }) => content === 'Olá!'));
    const [conversation] = chatwoot.state.conversations(ACCOUNT);
    chatwoot.state.reply(ACCOUNT, conversation?.displayId ?? 0, { content: 'Oi!', agentName: 'Ana' });
    await waitFor(() => engine.state.sent(INSTANCE).length === 1);
    // Without reloading.
    for (const way of ['WhatsApp → Chatwoot', 'Chatwoot → WhatsApp']) {
      await page.locator('.flow.seen', { hasText: way }).getByText('1 message').waitFor();
    }
    await page.getByRole('link', { name: 'Check the connection now' }).click();
    await page.getByText('Everything is as it should be.').waitFor();
    await look('relaying');
  });

  it('sees his instances at a glance, in his language, on a phone as well', async () => {
    await page.getByRole('link', { name: 'Instances' }).click();
    const row = page.getByRole('row', { name: new RegExp(INSTANCE) });
    await row.getByText('Active').waitFor();
    expect(await row.textContent()).toContain('WhatsApp - Orion');
    await look('instances');
    await page.setViewportSize({ width: 390, height: 844 });
    for (const [language, heading, connected] of [
      ['pt', 'Instâncias', 'Visão geral'],
      ['es', 'Instancias', 'De un vistazo'],
    ] as const) {
      await page.goto(`${base}/?language=${language}`);
      await page.getByRole('heading', { name: heading }).waitFor();
      await look(`phone-instances-${language}`);
      await page.goto(`${base}/instances/${INSTANCE}`);
      await page.getByRole('heading', { name: connected }).waitFor();
      await look(`phone-instance-${language}`);
      await page.goto(`${base}/new`);
      await look(`phone-new-${language}`);
      for (const [name, path] of [
        ['account', '/tokens'],
        ['instance', `/instances/${INSTANCE}/token`],
      ] as const) {
        await page.goto(`${base}${path}`);
        await look(`phone-tokens-${name}-${language}`);
      }
    }
    await page.goto(`${base}/?language=en`);
    await page.setViewportSize({ width: 1300, height: 900 });
  });

  it('pairs the phone in another WhatsApp API, and Chatwoot goes on', async () => {
    await page.goto(`${base}/instances/${INSTANCE}`);
    await page.getByRole('link', { name: 'Change the WhatsApp API…' }).click();
    await page.getByRole('link', { name: 'Evolution API v2' }).click();
    await page.getByLabel('Address of the WhatsApp API').fill(evolution.url());
    await page.getByLabel('What it is called there').fill('loja');
    await page.getByLabel('Its token').fill(ENGINE_TOKEN);
    await look('engine-change');
    await page.getByRole('button', { name: 'Save' }).click();
    await page.getByText('The WhatsApp API is changed.').waitFor();
    await page.getByRole('link', { name: 'Pair the phone…' }).click();
    await page.getByRole('img', { name: 'QR code to pair the phone' }).waitFor();
    await look('pair');
    evolution.setConnected('loja', true);
    await page.getByText('The phone is connected.').waitFor();
    await page.getByRole('link', { name: 'Back' }).click();
    await page.getByRole('link', { name: 'Check the WhatsApp API' }).click();
    await page.getByText('The WhatsApp API answers and takes the token.').waitFor();
    await waitFor(() => evolution.webhookOf('loja') !== undefined);
    await page.reload();
    await page.getByText('Set by Ponte').waitFor();
    await look('engine-changed');
    expect(chatwoot.state.inboxes(ACCOUNT).length).toBe(1);
  });

  it('deactivates only after typing the name, and is told what goes', async () => {
    await page.goto(`${base}/instances/${INSTANCE}`);
    await page.getByRole('link', { name: 'Deactivate Chatwoot…' }).click();
    await page.getByText('This deletes the inbox “WhatsApp - Orion”').waitFor();
    await page.getByLabel(`Type ${INSTANCE} to confirm`).fill('another');
    await page.getByRole('button', { name: 'Deactivate and delete the inbox' }).click();
    await page.getByText('That is not the name of the instance.').waitFor();
    expect(problems.splice(0)).toEqual([expect.stringContaining('400')]);
    expect(chatwoot.state.inboxes(ACCOUNT).length).toBe(1);
    await look('deactivate');
    await page.getByLabel(`Type ${INSTANCE} to confirm`).fill(INSTANCE);
    await page.getByRole('button', { name: 'Deactivate and delete the inbox' }).click();
    await page.getByText('Chatwoot is deactivated.').waitFor();
    await waitFor(() => chatwoot.state.inboxes(ACCOUNT).length === 0);
    await page.getByRole('button', { name: 'Log out' }).click();
    await page.getByText('You are logged out.').waitFor();
  });

  it('met nothing from any other host, no script error, no token in an address, and no secret on a page', () => {
    expect(requested.length).toBeGreaterThan(20);
    expect(requested.filter((url) => !url.startsWith(`${base}/`))).toEqual([]);
    expect(problems).toEqual([]);
    const secrets = [accountToken, instanceToken, chatwootToken, WRONG_TOKEN, ENGINE_TOKEN, stack.bridgeToken];
    for (const secret of secrets) {
      expect(secret.length).toBeGreaterThan(10);
      expect([...shown, ...requested].filter((text) => text.includes(secret))).toEqual([]);
    }
  });
});
