import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { createWhatsappEngineSimulator, type WhatsappEngineSimulator } from '../../simulators/whatsapp-engine/index.ts';
import { type Stack, type StackProcess, startStack } from '../support/stack.ts';
import { waitFor } from '../support/wait-for.ts';

const ACCOUNT = 5;
const INSTANCE = 'suporte';
const PEOPLE = ['5511980000001', '5511980000002', '351912345678', '5215512345678', '491711234567', '447911123456'];

describe('messages on their way to Chatwoot, through real processes', () => {
  let chatwoot: ChatwootSimulator;
  let engine: WhatsappEngineSimulator;
  let stack: Stack;
  let token: string;
  const bridges = new Map<string, StackProcess>();

  beforeAll(async () => {
    chatwoot = createChatwootSimulator();
    chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
    const adminToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
    engine = createWhatsappEngineSimulator({ token: 'engine-account-token', retries: { delaysMs: [100, 200, 400] } });
    const [{ url: chatwootUrl }, { url: engineUrl }] = await Promise.all([chatwoot.start(), engine.start()]);
    const env = { ENGINE_URL: engineUrl, ENGINE_TOKEN: 'engine-account-token' };
    stack = await startStack({ engine: 'postgres', bridges: 2, env, entries: { bridge: 'test/support/quick-bridge.ts' } });
    token = (await stack.createAccount()).token;
    const { body } = await stack.request({ path: '/api/instance/new', token, body: { name: INSTANCE } });
    // What the documentation says of the answer is held elsewhere.
    const { instance } = body as { instance: { token: string } };
    const ingestUrl = `${stack.apis[0]?.url}/api/events/ingest/${INSTANCE}`;
    engine.state.addInstance({ name: INSTANCE, token: instance.token, ingestUrl, settings: { mediaBase64: true } });
    const { status } = await stack.request({
      path: `/api/chatwoot/set/${INSTANCE}`,
      token,
      body: {
        chatwootBaseUrl: chatwootUrl,
        chatwootAccountId: ACCOUNT,
        chatwootApiToken: adminToken,
        inboxName: 'WhatsApp - Orion',
        reopenResolved: true,
      },
    });
    expect(status).toBe(201);
    for (const bridge of stack.bridges) bridges.set(bridge.url, bridge);
  });
  afterAll(async () => {
    chatwoot?.faults.clear();
    await stack?.stop();
    await Promise.all([chatwoot?.stop(), engine?.stop()]);
  });

  const write = (phone: string, words: string) =>
    engine.state.receive(INSTANCE, { from: { phone, name: 'Maria' }, content: { type: 'text', text: words } });
  const integration = async () => (await stack.request({ method: 'GET', path: `/api/chatwoot/list/${INSTANCE}`, token })).body;

  /** What each person's conversation holds, by the number that WhatsApp calls him. */
  function threads(): Map<string, (string | null)[]> {
    const addresses = chatwoot.state.contactInboxes();
    return new Map(
      chatwoot.state
        .conversations(ACCOUNT)
        .map(({ displayId, contactInboxId }) => [
          addresses.find(({ id }) => id === contactInboxId)?.sourceId ?? '',
          chatwoot.state.messages(ACCOUNT, displayId).map(({ content }) => content),
        ]),
    );
  }
  const expected = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => `${prefix}${index}`);
  const allArrived = (prefix: string, count: number) =>
    waitFor(
      () => {
        const found = threads();
        return PEOPLE.every((phone) => found.get(phone)?.includes(`${prefix}${count - 1}`));
      },
      { describe: `everything of ${prefix} in Chatwoot` },
    );
  function writeToAll(prefix: string, count: number): void {
    for (let index = 0; index < count; index++) for (const phone of PEOPLE) write(phone, `${prefix}${index}`);
  }
  function expectEachOnceInOrder(prefix: string, count: number): void {
    const found = threads();
    for (const phone of PEOPLE) {
      const own = found.get(phone)?.filter((content) => content?.startsWith(prefix));
      expect(own).toEqual(expected(prefix, count));
    }
  }

  it('arrive once and in order though the bridge is killed in the midst of them: another one takes over', async () => {
    chatwoot.faults.add({ method: 'POST', path: /messages$/, action: { kind: 'delay', delayMs: 30 } });
    writeToAll('kill-', 12);
    await waitFor(() => chatwoot.state.messages(ACCOUNT).length > 15);
    const { leaseOwner } = await stack.database.prisma.bridgeIntegration.findFirstOrThrow({ where: { state: 'active' } });
    const pid = Number(leaseOwner?.split(':')[1]);
    const holder = [...bridges.values()].find(({ process }) => process.pid === pid);
    await holder?.process.kill9();
    expect(chatwoot.state.messages(ACCOUNT).length).toBeLessThan(12 * PEOPLE.length);
    await allArrived('kill-', 12);
    chatwoot.faults.clear();
    expectEachOnceInOrder('kill-', 12);
    await stack.startBridge(holder?.port);
  });

  it('arrive once and in order though the api is killed and comes back, with an engine that delivers again', async () => {
    const [api] = stack.apis;
    chatwoot.faults.add({ method: 'POST', path: /messages$/, action: { kind: 'delay', delayMs: 20 } });
    writeToAll('api-', 10);
    await waitFor(() => chatwoot.state.messages(ACCOUNT).some(({ content }) => content?.startsWith('api-')));
    await api?.process.kill9();
    writeToAll('later-', 2);
    await stack.startApi(api?.port);
    await allArrived('later-', 2);
    chatwoot.faults.clear();
    expectEachOnceInOrder('api-', 10);
    expectEachOnceInOrder('later-', 2);
  });

  it('wait while Chatwoot is down, and `list` says so; then they arrive by themselves, and it says that', async () => {
    await chatwoot.stop();
    writeToAll('down-', 4);
    const told = /^Chatwoot is unreachable at .* — messages wait and are delivered by themselves when it is back$/;
    await waitFor(async () => told.test(String((await integration()).last_error)));
    expect((await integration()).status).toBe('error');
    await chatwoot.start();
    await allArrived('down-', 4);
    expectEachOnceInOrder('down-', 4);
    await waitFor(async () => (await integration()).status === 'active');
    expect((await integration()).last_error).toBe('');
  });

  it('left no word of themselves, and no token, in any log', () => {
    expect(stack.logs()).not.toMatch(/kill-\d|api-\d|down-\d|engine-account-token/);
  });
});
