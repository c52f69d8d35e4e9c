import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Language, textsIn } from '../../admin/languages/languages.ts';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { createWhatsappEngineSimulator, type WhatsappEngineSimulator } from '../../simulators/whatsapp-engine/index.ts';
import { hasBrowser, openBrowser, type RealBrowser } from '../support/browser.ts';
import { lookAtPage } from '../support/look-at-page.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { waitFor } from '../support/wait-for.ts';

const ACCOUNT = 5;
const ENGINE_TOKEN = 'marker-engine-token';
const WRONG_TOKEN = 'marker-wrong-chatwoot-token';
const SAID = { first: 'marker-said-first', reply: 'marker-said-reply', refused: 'marker-said-refused' };
const REASON = 'the number is not on WhatsApp';
const WIDTHS = { wide: { width: 1300, height: 900 }, phone: { width: 390, height: 844 } } as const;
const LANGUAGES = ['en', 'pt', 'es'] as const satisfies readonly Language[];
const WALKS = LANGUAGES.flatMap((language) => (['wide', 'phone'] as const).map((width) => ({ language, width })));

describe.skipIf(!hasBrowser())('an account holder in each language, on a desk and on a phone', () => {
  let chatwoot: ChatwootSimulator;
  let engine: WhatsappEngineSimulator;
  let stack: Stack;
  let browser: RealBrowser;
  let page: Page;
  let base = '';
  let chatwootToken = '';
  let accountToken = '';
  const instanceTokens: string[] = [];
  const shown: string[] = [];

  beforeAll(async () => {
    chatwoot = createChatwootSimulator();
    chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
    chatwootToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
    engine = createWhatsappEngineSimulator({ token: ENGINE_TOKEN });
    const [{ url: engineUrl }] = await Promise.all([engine.start(), chatwoot.start()]);
    stack = await startStack({ engine: 'postgres', env: { ENGINE_URL: engineUrl, ENGINE_TOKEN } });
    base = stack.apis[0]?.url ?? '';
    accountToken = (await stack.createAccount('Orion Ltda')).token;
    browser = await openBrowser({ viewport: WIDTHS.wide, locale: 'en-GB' });
    page = browser.page;
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
    await Promise.all([chatwoot?.stop(), engine?.stop()]);
  });

  const look = (name: string) => lookAtPage(browser, { name: `walk-${name}`, inDark: true, shown });

  it.each(WALKS)(
    'makes an instance, activates it, relays, mends what was set aside and ends it again ($language, $width)',
    async ({ language, width }) => {
      const t = textsIn(language);
      const walk = `${language}-${width}`;
      const name = `loja-${walk}`;
      const inbox = `WhatsApp ${walk}`;
      const field = (of: keyof typeof t.fields) => page.getByLabel(String(t.fields[of][0]), { exact: true });
      const button = (text: string) => page.getByRole('button', { name: text, exact: true });
      const link = (text: string) => page.getByRole('link', { name: text, exact: true });
      const see = (text: string) => page.getByText(text).first().waitFor();
      const step = (of: string) => look(`${walk}-${of}`);

      await page.setViewportSize(WIDTHS[width]);
      await page.goto(`${base}/?language=${language}`);
      expect(await page.locator('html').getAttribute('lang')).toBe(language === 'pt' ? 'pt-BR' : language);
      await step('01-front');
      await page.getByLabel(t.front.token, { exact: true }).fill(accountToken);
      await button(t.front.logIn).click();
      await page.getByRole('heading', { name: t.instances.title, exact: true }).waitFor();
      await step('02-instances');

      await page.goto(`${base}/new`);
      await field('name').fill(name);
      await step('03-new');
      await button(t.newInstance.create).click();
      const token = (await page.locator('#instance-token').textContent()) ?? '';
      instanceTokens.push(token);
      engine.state.addInstance({ name, token, ingestUrl: `${base}/api/events/ingest/${name}` });
      // The one page that shows it.
      await browser.picture(`walk-${walk}-04-token`);
      await link(t.newInstance.goOn).click();
      await page.getByRole('heading', { name: t.instance.activateTitle }).waitFor();

      await field('chatwootBaseUrl').fill(chatwoot.url());
      await field('chatwootAccountId').fill(String(ACCOUNT));
      await field('inboxName').fill(inbox);
      await field('chatwootApiToken').fill(WRONG_TOKEN);
      await button(t.instance.activate).click();
      await page.locator('#outcome').getByText(t.activation.failed).waitFor();
      expect(await page.locator('#chatwootApiToken-fault').textContent()).toContain(t.fields.chatwootApiToken[0]);
      await page.locator('#history').getByText(t.instance.failed, { exact: true }).waitFor();
      await step('05-wrong-token');
      await field('chatwootApiToken').fill(chatwootToken);
      await see(t.activation.checkOk);
      await button(t.instance.activate).click();
      await see(t.instance.activatedNow);
      await step('06-activated');

      const from = { phone: `55119876543${WALKS.findIndex((one) => one.language === language && one.width === width)}0` };
      const inboxId = chatwoot.state.inboxes(ACCOUNT).find((one) => one.name === inbox)?.id;
      const conversation = () => chatwoot.state.conversations(ACCOUNT).find((one) => one.inboxId === inboxId);
      const sent = () => engine.state.sent(name).map(({ content }) => ('text' in content ? content.text : ''));
      engine.state.receive(name, { from, content: { type: 'text', text: SAID.first } });
      await waitFor(() => conversation() !== undefined);
      const reply = (content: string) =>
        chatwoot.state.reply(ACCOUNT, conversation()?.displayId ?? 0, { content, agentName: 'Ana' });
      reply(SAID.reply);
      await waitFor(() => sent().includes(SAID.reply));
      for (const way of [t.instance.toChatwoot, t.instance.toWhatsapp]) {
        await page.locator('.flow.seen', { hasText: way }).getByText(t.instance.messages(1)).waitFor();
      }
      await step('07-relaying');

      const refuse = () =>
        engine.faults.add({
          method: 'POST',
          path: /^\/api\/message\//,
          times: 1,
          action: { kind: 'status', status: 400, body: { success: false, error: { message: REASON } } },
        });
      const setAside = async (count: number) => {
        refuse();
        reply(SAID.refused);
        await waitFor(async () => {
          await page.goto(`${base}/instances/${name}`);
          return (await page.locator('#set-aside li').count()) === count;
        });
      };
      await setAside(1);
      expect(await page.locator('#set-aside').textContent()).toContain(REASON);
      await step('08-set-aside');
      await link(`${t.instance.resend}…`).click();
      await see(t.instance.resendToWhatsapp);
      await step('09-resend');
      await button(t.instance.resend).click();
      await see(t.instance.resentNow);
      await waitFor(() => sent().filter((text) => text === SAID.refused).length === 1);
      await waitFor(async () => {
        await page.goto(`${base}/instances/${name}`);
        return (await page.locator('#set-aside').count()) === 0;
      });
      await setAside(1);
      await link(`${t.instance.discard}…`).click();
      await see(t.instance.discardToWhatsapp);
      await step('10-discard');
      await button(t.instance.discard).click();
      await see(t.instance.discardedNow);
      expect(await page.locator('#set-aside').count()).toBe(0);
      expect(sent().filter((text) => text === SAID.refused).length).toBe(1);

      await link(t.instance.deactivate).click();
      await page.getByLabel(t.instance.typeName(name)).fill(name);
      await step('11-deactivate');
      await button(t.instance.deactivateButton).click();
      await see(t.instance.deactivatedNow);
      await waitFor(() => !chatwoot.state.inboxes(ACCOUNT).some((one) => one.name === inbox));
      await step('12-deactivated');
      await button(t.nav.logOut).click();
      await see(t.front.loggedOut);
    },
  );

  it('met nothing from any other host, no script error, no token in an address, and nothing secret or said on a page', () => {
    expect(browser.requested.length).toBeGreaterThan(100);
    expect(browser.requested.filter((url) => !url.startsWith(`${base}/`))).toEqual([]);
    expect(browser.problems).toEqual([]);
    expect(shown.length).toBeGreaterThan(WALKS.length * 10);
    const secrets = [accountToken, ...instanceTokens, chatwootToken, WRONG_TOKEN, ENGINE_TOKEN, stack.bridgeToken, 'marker'];
    expect(secrets.length).toBe(WALKS.length + 6);
    for (const secret of secrets) expect([...shown, ...browser.requested].filter((text) => text.includes(secret))).toEqual([]);
  });
});
