import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChatwootSimulator, createChatwootSimulator } from '../../../simulators/chatwoot/index.ts';
import { dumpDatabase, dumpRedis } from '../../support/dump.ts';
import { type Answer, type QueueEngine, type Stack, startStack } from '../../support/stack.ts';
import { waitFor } from '../../support/wait-for.ts';

const ACCOUNT = 5;

/** What a customer is promised of an activation, through real processes. */
export const describeActivation = (engine: QueueEngine) =>
  describe(`activation through real processes, queue on ${engine}`, () => {
    let chatwoot: ChatwootSimulator;
    let chatwootUrl: string;
    let stack: Stack;
    let token: string;
    let adminToken: string;

    beforeAll(async () => {
      chatwoot = createChatwootSimulator();
      chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
      adminToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
      [chatwootUrl, stack] = await Promise.all([chatwoot.start().then(({ url }) => url), startStack({ engine })]);
      token = (await stack.createAccount()).token;
    });
    afterAll(async () => {
      await stack?.stop();
      await chatwoot?.stop();
    });

    const createInstance = async (name: string): Promise<string> => {
      const { status } = await stack.request({ path: '/api/instance/new', token, body: { name } });
      expect(status).toBe(201);
      return name;
    };
    const set = (instance: string, overrides: object = {}): Promise<Answer> =>
      stack.request({
        path: `/api/chatwoot/set/${instance}`,
        token,
        body: {
          chatwootBaseUrl: chatwootUrl,
          chatwootAccountId: ACCOUNT,
          chatwootApiToken: adminToken,
          inboxName: 'WhatsApp - Orion',
          ...overrides,
        },
      });
    const inboxesNamed = (name: string) => chatwoot.state.inboxes(ACCOUNT).filter((inbox) => inbox.name === name);

    it('answers the documented request with 201, exactly the four fields, and an inbox that calls the bridge', async () => {
      await createInstance('suporte');
      const { status, body } = await set('suporte');
      expect({ status, body }).toEqual({
        status: 201,
        body: {
          instance: 'suporte',
          status: 'active',
          bridge_integration_id: expect.stringMatching(/^int_\w{10,}$/),
          message: 'chatwoot integration activated',
        },
      });
      expect(inboxesNamed('WhatsApp - Orion')).toHaveLength(1);
      const list = await stack.request({ method: 'GET', path: '/api/chatwoot/list/suporte', token });
      expect(list.status).toBe(200);
      expect(list.body).toMatchObject({
        instance_name: 'suporte',
        status: 'active',
        chatwoot_account_id: ACCOUNT,
        chatwoot_inbox_id: inboxesNamed('WhatsApp - Orion')[0]?.id,
        chatwoot_inbox_name: 'WhatsApp - Orion',
        last_error: '',
      });
    });

    it('answers a wrong Chatwoot token with the documented 401, and leaves no inbox', async () => {
      const instance = await createInstance('wrong-token');
      const { status, body } = await set(instance, { chatwootApiToken: 'not-the-token', inboxName: instance });
      expect(status).toBe(401);
      expect(body).toEqual({
        success: false,
        error: {
          code: 'chatwoot_token_invalid',
          message:
            'Chatwoot rejected the API token — verify chatwootApiToken. ' +
            `Detail: ${chatwootUrl}/api/v1/accounts/${ACCOUNT}/inboxes HTTP 401: {"error":"Invalid Access Token"}`,
        },
      });
      expect(inboxesNamed(instance)).toEqual([]);
    });

    it('answers an unreachable Chatwoot with the documented 502 within its deadline', async () => {
      const instance = await createInstance('unreachable');
      const { status, body } = await set(instance, { chatwootBaseUrl: 'http://127.0.0.1:9' });
      expect(status).toBe(502);
      expect(body).toMatchObject({
        success: false,
        error: {
          code: 'chatwoot_unreachable',
          message: expect.stringMatching(
            /^Chatwoot is unreachable at http:\/\/127\.0\.0\.1:9 — verify chatwootBaseUrl and that the host is reachable from the server\. Detail: .*ECONNREFUSED/,
          ),
        },
      });
    });

    it('makes one inbox of two identical requests at once, and gives both the same answer', async () => {
      const instance = await createInstance('double-click');
      const [first, second] = await Promise.all([set(instance, { inboxName: instance }), set(instance, { inboxName: instance })]);
      expect([first.status, second.status]).toEqual([201, 201]);
      expect(first.body).toEqual(second.body);
      expect(inboxesNamed(instance)).toHaveLength(1);
    });

    it('deactivates: the local row, the integration of the bridge and the inbox are gone', async () => {
      const instance = await createInstance('goodbye');
      expect((await set(instance, { inboxName: instance })).status).toBe(201);
      const deleted = await stack.request({ method: 'DELETE', path: `/api/chatwoot/delete/${instance}`, token });
      expect(deleted).toMatchObject({ status: 200, body: { message: 'chatwoot integration deactivated' } });
      await waitFor(() => inboxesNamed(instance).length === 0, { describe: 'the inbox being gone' });
      const list = await stack.request({ method: 'GET', path: `/api/chatwoot/list/${instance}`, token });
      expect(list).toMatchObject({ status: 404, body: { error: { message: 'no chatwoot integration for this instance' } } });
    });

    it('makes one inbox although the bridge is killed between making it and answering', async () => {
      const instance = await createInstance('killed-bridge');
      const [bridge] = stack.bridges;
      if (!bridge) throw new Error('no bridge');
      // Chatwoot makes the inbox but its answer is held back, so the bridge dies not knowing.
      chatwoot.faults.add({ method: 'POST', path: /\/inboxes$/, times: 1, action: { kind: 'hangAfterEffect' } });
      const answer = set(instance, { inboxName: instance });
      await waitFor(() => inboxesNamed(instance).length === 1, { describe: 'the inbox being made' });
      await bridge.process.kill9();
      await stack.startBridge(bridge.port);
      expect((await answer).status).toBe(201);
      expect(inboxesNamed(instance)).toHaveLength(1);
    });

    it('hides the Chatwoot token from the database, the queue, the logs and every answer', async () => {
      const marker = 'MARKER0token0MARKER0token';
      chatwoot.state.addUser({ name: 'Marker', token: marker, accounts: [{ id: ACCOUNT, role: 'administrator' }] });
      const agent = 'MARKER0agent0MARKER0agent';
      chatwoot.state.addUser({ name: 'Agent', token: agent, accounts: [{ id: ACCOUNT, role: 'agent' }] });
      const instance = await createInstance('marked');
      const other = await createInstance('marked-agent');
      const answers = [
        await set(instance, { chatwootApiToken: marker }),
        await set(other, { chatwootApiToken: agent }),
        await set(other, { chatwootApiToken: marker, chatwootBaseUrl: 'http://127.0.0.1:9' }),
        await stack.request({ method: 'GET', path: `/api/chatwoot/list/${instance}`, token }),
        await stack.request({ method: 'GET', path: `/api/chatwoot/activations/${instance}`, token }),
        await stack.request({ method: 'GET', path: `/api/chatwoot/activations/${other}`, token }),
      ];
      expect(answers.map(({ status }) => status)).toEqual([201, 403, 502, 200, 200, 200]);
      const places = {
        answers: JSON.stringify(answers.map(({ body, headers }) => [body, [...headers]])),
        logs: stack.logs(),
        database: await dumpDatabase(stack.databaseUrl),
        redis: stack.redisUrl === undefined ? '' : await dumpRedis(stack.redisUrl),
      };
      // The search itself is held against something that is there, or it would prove nothing.
      expect(places.database).toContain('marked-agent');
      expect(places.logs).toContain('marked-agent');
      for (const secret of ['MARKER0', stack.bridgeToken, token]) {
        const found = Object.entries(places).filter(([, text]) => text.includes(secret));
        expect(found.map(([place]) => place)).toEqual([]);
      }
    });
  });
