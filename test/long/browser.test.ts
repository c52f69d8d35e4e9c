import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createId } from '../../shared/auth/tokens.ts';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { barriersOn } from '../support/accessibility.ts';
import { hasBrowser, openBrowser, type RealBrowser } from '../support/browser.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { waitFor } from '../support/wait-for.ts';

const ACCOUNT = 5;
const WRONG_TOKEN = 'marker-wrong-chatwoot-token';
const SAID = 'marker-what-was-said';

describe.skipIf(!hasBrowser())('what operators see in a real browser', () => {
  let chatwoot: ChatwootSimulator;
  let stack: Stack;
  let browser: RealBrowser;
  let page: Page;
  let adminToken = '';
  let base = '';
  let requested: RealBrowser['requested'];
  let problems: string[];
  const shown: string[] = [];
  let failedId = '';

  beforeAll(async () => {
    chatwoot = createChatwootSimulator();
    chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
    adminToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
    const [{ url }, started] = await Promise.all([chatwoot.start(), startStack({ engine: 'redis' })]);
    stack = started;
    base = stack.apis[0]?.url ?? '';
    const { token } = await stack.createAccount('Orion Ltda');
    const set = async (name: string, chatwootApiToken: string) => {
      await stack.request({ path: '/api/instance/new', token, body: { name } });
      const body = { chatwootBaseUrl: url, chatwootAccountId: ACCOUNT, chatwootApiToken, inboxName: name };
      return stack.request({ path: `/api/chatwoot/set/${name}`, token, body });
    };
    expect((await set('suporte', adminToken)).status).toBe(201);
    const refused = await set('vendas', WRONG_TOKEN);
    expect(refused.status).toBe(401);
    failedId = refused.headers.get('x-activation-id') ?? '';
    const { id: integrationId } = await stack.database.prisma.bridgeIntegration.findFirstOrThrow({
      where: { instanceName: 'suporte' },
    });
    await stack.database.prisma.bridgeDeadLetter.create({
      data: {
        id: createId('dlt'),
        integrationId,
        direction: 'to_chatwoot',
        chat: '5511999990000',
        whatsappId: 'wa-1',
        reason: 'Chatwoot refused it',
        attempts: 3,
        payload: JSON.stringify({
          event: 'message.exchange',
          data: {
            id: 'wa-1',
            direction: 'incoming',
            chat: { jid: '5511999990000@s.whatsapp.net' },
            message: { type: 'text', content: SAID },
          },
        }),
      },
    });

    browser = await openBrowser({
      httpCredentials: { username: 'admin', password: 'a-password-for-tests', origin: base },
      viewport: { width: 1280, height: 800 },
    });
    ({ page, requested, problems } = browser);
  });
  afterAll(async () => {
    await browser?.close();
    await stack?.stop();
    await chatwoot?.stop();
  });

  async function look(name: string): Promise<void> {
    shown.push(await page.content());
    await browser.picture(name);
  }

  it('nothing without the login', async () => {
    const stranger = await browser.stranger();
    // Without somebody to type a password, a browser gives up.
    await expect((await stranger.newPage()).goto(`${base}/admin/queues/`)).rejects.toThrow('ERR_INVALID_AUTH_CREDENTIALS');
    await stranger.close();
  });

  it('both queues, and in one of them who was activated where, and with what outcome', async () => {
    await page.goto(`${base}/admin/queues/`);
    await page
      .getByRole('link', { name: /Removals/ })
      .first()
      .waitFor();
    await look('queues');
    await page.goto(`${base}/admin/queues/queue/activations?status=latest`);
    await page
      .getByText(/suporte → 127\.0\.0\.1:\d+: succeeded/)
      .first()
      .waitFor();
    await page
      .getByText(/vendas → 127\.0\.0\.1:\d+: chatwoot_token_invalid/)
      .first()
      .waitFor();
    await look('queue-activations');
    await page.goto(`${base}/admin/queues/queue/activations/${failedId}?status=failed`);
    await page.getByText('chatwoot_token_invalid').first().waitFor();
    await page
      .getByText(/verify chatwootApiToken/)
      .first()
      .waitFor();
    await look('queue-job');
  });

  it('an activation that is found by its instance, with each step and what to do next', async () => {
    await page.goto(`${base}/admin/activations`);
    await page.getByLabel('Instance').fill('VEND');
    await look('activations');
    await page.getByRole('button', { name: 'Search' }).click();
    await page.waitForURL(/instance=VEND/);
    expect(await page.locator('tbody tr').count()).toBe(1);
    await page.getByRole('link', { name: failedId }).click();
    await page.getByText(/verify chatwootApiToken/).waitFor();
    expect(await page.locator('svg.chain').count()).toBe(1);
    await look('activation');
    await page.goto(`${base}/admin/removals`);
    await page.getByText('Nothing to do.').waitFor();
    await look('removals');
  });

  it('the instances of all accounts, and what is wrong with one, after a login', async () => {
    await page.goto(`${base}/admin`);
    const row = page.getByRole('row', { name: /suporte/ });
    await row.getByText('Active').waitFor();
    expect(await row.textContent()).toContain('Orion Ltda');
    await look('instances');
    await row.getByRole('link', { name: 'suporte' }).click();
    await page.getByText('Chatwoot refused it').waitFor();
    await look('instance');
  });

  it('a message that was set aside, and has it sent again after a second look', async () => {
    await page.goto(`${base}/admin/dead-letters`);
    await page.getByText('Chatwoot refused it').waitFor();
    await look('dead-letters');
    await page.getByRole('link', { name: 'Send again…' }).click();
    await page.getByRole('button', { name: 'Send again' }).waitFor();
    await look('dead-letter-resend');
    await page.getByRole('button', { name: 'Send again' }).click();
    await page.waitForURL(`${base}/admin/dead-letters`);
    await waitFor(() => chatwoot.state.messages(ACCOUNT, 1).some(({ content }) => content === SAID));
    await waitFor(async () => {
      await page.reload();
      return page.getByText('Nothing is set aside.').isVisible();
    });
    await look('dead-letters-none');
  });

  it('pages that fit a phone, and put nothing in the way of those who cannot see or point', async () => {
    await page.setViewportSize({ width: 390, height: 800 });
    for (const path of ['instances', 'activations', `activations/${failedId}`, 'dead-letters', 'removals']) {
      await page.goto(`${base}/admin/${path}`);
      const overflow = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      expect(`${path}: ${overflow}`).toBe(`${path}: 0`);
      expect({ path, barriers: await barriersOn(page) }).toEqual({ path, barriers: [] });
    }
    await look('phone');
  });

  it('nothing from any other host, no script error, and no secret', () => {
    expect(requested.length).toBeGreaterThan(20);
    expect(requested.filter((url) => !url.startsWith(`${base}/`) && !url.startsWith('data:'))).toEqual([]);
    expect(problems).toEqual([]);
    expect(shown.length).toBeGreaterThan(8);
    for (const secret of [adminToken, WRONG_TOKEN, SAID, stack.bridgeToken, 'a-password-for-tests']) {
      expect(shown.some((content) => content.includes(secret))).toBe(false);
    }
  });
});
