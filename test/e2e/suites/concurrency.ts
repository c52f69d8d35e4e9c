import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChatwootSimulator, createChatwootSimulator } from '../../../simulators/chatwoot/index.ts';
import { expectNoDefects } from '../../support/defects.ts';
import { inParallel } from '../../support/in-parallel.ts';
import { type Answer, type QueueEngine, type Stack, startStack } from '../../support/stack.ts';
import { waitFor } from '../../support/wait-for.ts';

/** The two Chatwoot accounts that all tenants share. */
const ACCOUNTS = [5, 6] as const;
const IDENTICAL = 50;

interface Tenant {
  readonly name: string;
  /** Of Ponte. */
  readonly token: string;
  readonly chatwootAccountId: number;
  readonly chatwootApiToken: string;
}

/** What many get that ask at once; `tenants` is how many of them ask for something different. */
export const describeConcurrency = (engine: QueueEngine, tenantCount: number) =>
  describe(`many at once, queue on ${engine}`, () => {
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

    /** A customer of Ponte with an instance `suporte` and an administrator of its own in one of the two accounts. */
    async function newTenant(name: string, chatwootAccountId: number): Promise<Tenant> {
      const chatwootApiToken = chatwoot.state.addUser({ name, accounts: [{ id: chatwootAccountId, role: 'administrator' }] });
      const { token } = await stack.createAccount(name);
      expect((await stack.request({ path: '/api/instance/new', token, body: { name: 'suporte' } })).status).toBe(201);
      return { name, token, chatwootAccountId, chatwootApiToken };
    }
    const set = ({ name, token, ...chatwootOf }: Tenant, api: number, overrides: object = {}): Promise<Answer> =>
      stack.request({
        path: '/api/chatwoot/set/suporte',
        token,
        api,
        body: { chatwootBaseUrl: chatwoot.url(), inboxName: name, ...chatwootOf, ...overrides },
      });
    const inboxesNamed = (name: string) => chatwoot.state.inboxes().filter((inbox) => inbox.name === name);

    it(`makes one inbox of ${IDENTICAL} identical requests at once, and gives all of them the same answer`, async () => {
      const tenant = await newTenant('impatient', ACCOUNTS[0]);
      // Connections are there when they arrive, and the first one is not done before all have arrived.
      const list = { method: 'GET', path: '/api/instance/list', token: tenant.token } as const;
      await Promise.all(Array.from({ length: IDENTICAL }, (_, index) => stack.request({ ...list, api: index % 2 })));
      chatwoot.faults.add({
        method: 'POST',
        path: /\/accounts\/5\/inboxes$/,
        times: 1,
        action: { kind: 'delay', delayMs: 2_000 },
      });
      const answers = await Promise.all(Array.from({ length: IDENTICAL }, (_, index) => set(tenant, index % 2)));
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: IDENTICAL }, () => 201));
      expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
      expect(new Set(answers.map(({ headers }) => headers.get('x-activation-id'))).size).toBe(1);
      expect(inboxesNamed(tenant.name)).toHaveLength(1);
      expect(chatwoot.state.requests.filter(({ method, name }) => method === 'POST' && name === tenant.name)).toHaveLength(1);
    });

    it('takes one of two different requests at once and answers the other 409', async () => {
      const tenant = await newTenant('undecided', ACCOUNTS[1]);
      // Long enough for both to have arrived before the first one is done.
      chatwoot.faults.add({
        method: 'POST',
        path: /\/accounts\/6\/inboxes$/,
        times: 1,
        action: { kind: 'delay', delayMs: 1_000 },
      });
      const names = ['undecided one', 'undecided two'];
      const answers = await Promise.all(names.map((inboxName, index) => set(tenant, index, { inboxName })));
      expect(answers.map(({ status }) => status).sort()).toEqual([201, 409]);
      const made = names.filter((name) => inboxesNamed(name).length > 0);
      expect(made).toEqual(names.filter((_, index) => answers[index]?.status === 201));
    });

    it(`keeps ${tenantCount} tenants apart that activate at once: each inbox is in its own account and was made with its own token`, async () => {
      const tenants = await inParallel(Array.from({ length: tenantCount }), 10, (_, index) =>
        newTenant(`tenant ${index}`, ACCOUNTS[index % 2] ?? ACCOUNTS[0]),
      );
      const answers = await Promise.all(tenants.map((tenant, index) => set(tenant, index % 2)));
      expect(answers.filter(({ status }) => status !== 201)).toEqual([]);
      const ids = answers.map(({ body }) => String(body.bridge_integration_id));
      expect(new Set(ids).size).toBe(tenantCount);

      const owners = new Map(chatwoot.state.users().map(({ id, name }) => [name, `User ${id} (${name})`]));
      const requestsFor = (tenant: string) =>
        chatwoot.state.requests.filter(({ method, name }) => method === 'POST' && name === tenant);
      const integrations = await stack.database.prisma.chatwootIntegration.findMany({
        include: { instance: { include: { account: true } } },
      });
      const recorded = new Map(integrations.map((row) => [row.instance.account.name, row]));
      const facts = tenants.map(({ name }) => ({
        name,
        inboxes: inboxesNamed(name).map(({ accountId }) => accountId),
        made: requestsFor(name).map(({ path, owner, status }) => ({ path, owner, status })),
        recorded: recorded.get(name)?.bridgeIntegrationId,
        inboxId: recorded.get(name)?.chatwootInboxId,
      }));
      expect(facts).toEqual(
        tenants.map(({ name, chatwootAccountId }, index) => ({
          name,
          inboxes: [chatwootAccountId],
          made: [{ path: `/api/v1/accounts/${chatwootAccountId}/inboxes`, owner: owners.get(name), status: 200 }],
          recorded: ids[index],
          inboxId: inboxesNamed(name)[0]?.id,
        })),
      );
    });

    it('settles everything, and no process has met anything it did not expect', async () => {
      const { prisma } = stack.database;
      await waitFor(async () => (await prisma.activation.count({ where: { state: { in: ['pending', 'running'] } } })) === 0);
      expect(await prisma.activation.count({ where: { state: 'succeeded' } })).toBe(tenantCount + 2);
      expect(await prisma.removal.count()).toBe(0);
      expect(chatwoot.state.inboxes()).toHaveLength(tenantCount + 2);
      expectNoDefects(stack);
    });
  });
