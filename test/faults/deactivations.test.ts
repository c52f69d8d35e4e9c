import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { expectNoDefects } from '../support/defects.ts';
import { inParallel } from '../support/in-parallel.ts';
import { type Answer, type Stack, startStack } from '../support/stack.ts';
import { waitFor } from '../support/wait-for.ts';

const ACCOUNT = 5;
const EACH = 100;

describe.each(['postgres', 'redis'] as const)(
  'a hundred deactivations and a hundred activations at once, queue on %s',
  (engine) => {
    let chatwoot: ChatwootSimulator;
    let stack: Stack;
    beforeAll(async () => {
      chatwoot = createChatwootSimulator();
      await chatwoot.start();
      stack = await startStack({ engine, apis: 2, workers: 2 });
    });
    afterAll(async () => {
      await stack?.stop();
      await chatwoot?.stop();
    });

    it('are all done, and none is answered that the server is to blame', async () => {
      const chatwootApiToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
      const tenants = await inParallel(Array.from({ length: 2 * EACH }), 8, async (_, index) => {
        const { token } = await stack.createAccount(`tenant ${index}`);
        const made = await stack.request({ path: '/api/instance/new', token, body: { name: 'suporte' } });
        expect(made.status).toBe(201);
        return { name: `tenant ${index}`, token };
      });
      const settings = { chatwootBaseUrl: chatwoot.url(), chatwootAccountId: ACCOUNT, chatwootApiToken };
      const activate = ({ name, token }: { name: string; token: string }, index: number): Promise<Answer> =>
        stack.request({ path: '/api/chatwoot/set/suporte', token, api: index % 2, body: { ...settings, inboxName: name } });
      const deactivate = ({ token }: { token: string }, index: number): Promise<Answer> =>
        stack.request({ method: 'DELETE', path: '/api/chatwoot/delete/suporte', token, api: index % 2 });
      const [leaving, coming] = [tenants.slice(0, EACH), tenants.slice(EACH)];
      const before = await inParallel(leaving, 8, activate);
      expect(before.filter(({ status }) => status !== 201)).toEqual([]);

      const answers = await Promise.all([...leaving.map(deactivate), ...coming.map(activate)]);
      expect(answers.filter(({ status }) => status >= 500).map(({ status, body }) => [status, body])).toEqual([]);
      expect(answers.map(({ status }) => status)).toEqual([...Array(EACH).fill(200), ...Array(EACH).fill(201)]);
      await waitFor(() => chatwoot.state.inboxes(ACCOUNT).length === EACH, { describe: 'the inboxes', timeoutMs: 120_000 });
      const named = chatwoot.state.inboxes(ACCOUNT).map(({ name }) => name);
      expect(named.toSorted()).toEqual(coming.map(({ name }) => name).toSorted());
      expect(await stack.database.prisma.removal.count({ where: { state: 'dead' } })).toBe(0);
      expectNoDefects(stack);
    });
  },
);
