import type { Server } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { type ScriptedBridge, startScriptedBridge } from '../contract/worker/scripted-bridge.ts';
import { expectNoDefects } from '../support/defects.ts';
import { inParallel } from '../support/in-parallel.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { waitFor } from '../support/wait-for.ts';
import { ACCOUNT, BRIDGE_TOKEN, bridgeDown, bridgeRows, CHATWOOT } from './error-table/bridge-rows.ts';
import { chatwootRows } from './error-table/chatwoot-rows.ts';
import { networkRows } from './error-table/network-rows.ts';
import { expectOutcome, newInstance, type Outcome, play, warmUp } from './error-table/outcome.ts';
import { DEADLINE_MS, type Row, type RowWorld } from './error-table/row.ts';

/** So many requests at once: more of them would only measure this machine. */
const AT_ONCE = 12;
const FIRST_ACCOUNT = 100;
const TIMES = { ACTIVATION_TIMEOUT_MS: String(DEADLINE_MS), WORKER_CONCURRENCY: '50' };

/** Of Chatwoot: one stack for all of it. Of the request and of Ponte itself: test/contract/api, and error-table.ponte.test.ts through real processes. */
let stack: Stack;
/** Of a bridge of another make: with a script in place of ours. */
let scripted: ScriptedBridge;
let stackOfScripted: Stack;

beforeAll(async () => {
  scripted = await startScriptedBridge(BRIDGE_TOKEN);
  [stack, stackOfScripted] = await Promise.all([
    startStack({ engine: 'redis', env: { ...TIMES, CHATWOOT_ALLOW_PRIVATE_NETWORK: '127.0.0.0/8' } }),
    startStack({ engine: 'postgres', bridges: 0, env: { ...TIMES, BRIDGE_TOKEN, BRIDGE_URL: scripted.url } }),
  ]);
});
afterAll(async () => {
  await Promise.all([stack?.stop(), stackOfScripted?.stop()]);
  await scripted?.stop();
});

describe('what the client of set is told of Chatwoot', () => {
  const servers: Server[] = [];
  // Those that take long come first.
  const rows: readonly Row[] = [...networkRows(servers), ...chatwootRows];
  const outcomes = new Map<Row, Outcome>();
  let chatwoots: Record<NonNullable<Row['release']>, ChatwootSimulator>;
  let token: string;

  beforeAll(async () => {
    chatwoots = {
      current: createChatwootSimulator(),
      portuguese: createChatwootSimulator(),
      old: createChatwootSimulator({ version: '4.2.0' }),
    };
    chatwoots.portuguese.state.settings.defaultLocale = 'pt_BR';
    await Promise.all(Object.values(chatwoots).map((chatwoot) => chatwoot.start()));
    ({ token } = await stack.createAccount());
    const warm = chatwoots.current.state.addUser({ name: 'Warm', accounts: [{ id: FIRST_ACCOUNT, role: 'administrator' }] });
    await warmUp(stack, { token, body: bodyFor(chatwoots.current, FIRST_ACCOUNT, warm) });
    await inParallel(rows, AT_ONCE, async (row, index) => void outcomes.set(row, await playRow(row, index + 1)));
  });
  afterAll(async () => {
    for (const chatwoot of Object.values(chatwoots)) chatwoot.faults.clear();
    await Promise.all(Object.values(chatwoots).map((chatwoot) => chatwoot.stop()));
    for (const server of servers) server.close();
  });

  async function playRow(row: Row, index: number): Promise<Outcome> {
    const chatwoot = chatwoots[row.release ?? 'current'];
    const account = FIRST_ACCOUNT + index;
    const instance = `row-${index}`;
    const admin = chatwoot.state.addUser({ name: `Admin ${account}`, accounts: [{ id: account, role: 'administrator' }] });
    const faults: { clear(): void }[] = [];
    const world: RowWorld = {
      chatwoot,
      account,
      inboxesUrl: `${chatwoot.url()}/api/v1/accounts/${account}/inboxes`,
      fault: (action, options) => {
        faults.push(chatwoot.faults.add({ path: new RegExp(`/accounts/${account}/inboxes`), action, ...options }));
      },
    };
    const [{ body, expected }] = await Promise.all([row.arrange(world), newInstance(stack, token, instance)]);
    const outcome = await play(stack, { instance, token, expected, body: { ...bodyFor(chatwoot, account, admin), ...body } });
    for (const fault of faults) fault.clear();
    return outcome;
  }

  const bodyFor = (chatwoot: ChatwootSimulator, chatwootAccountId: number, chatwootApiToken: string) => ({
    chatwootBaseUrl: chatwoot.url(),
    chatwootAccountId,
    chatwootApiToken,
    inboxName: 'WhatsApp',
  });

  it.each(rows.map((row) => [row.title, row] as const))('%s', async (_title, row) => {
    const outcome = outcomes.get(row);
    expectOutcome(outcome);
    const wanted = outcome?.answer.status === 201 ? 1 : 0;
    const account = FIRST_ACCOUNT + rows.indexOf(row) + 1;
    const inboxes = () => chatwoots[row.release ?? 'current'].state.inboxes(account);
    await waitFor(() => inboxes().length === wanted, { describe: `${wanted} inboxes in Chatwoot` });
  });

  it('500, an inbox that was made and cannot be recorded: it is removed again', async () => {
    const account = 90;
    const admin = chatwoots.current.state.addUser({ name: 'Zoe', accounts: [{ id: account, role: 'administrator' }] });
    const { id } = await newInstance(stack, token, 'unrecordable');
    await stack.database.pool.query(`
      CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'the disk is on fire'; END $$;
      CREATE TRIGGER refuse BEFORE INSERT ON chatwoot_integrations FOR EACH ROW WHEN (NEW.instance_id = '${id}') EXECUTE FUNCTION refuse()`);
    const answer = await stack.request({
      path: '/api/chatwoot/set/unrecordable',
      token,
      body: bodyFor(chatwoots.current, account, admin),
    });
    expect({ status: answer.status, body: answer.body }).toEqual({
      status: 500,
      body: {
        success: false,
        error: {
          code: 'persist_failed',
          message: expect.stringMatching(/^chatwoot integration failed: persist integration: the database refused it/),
        },
      },
    });
    expect(chatwoots.current.state.countRequests('POST', new RegExp(`/accounts/${account}/inboxes`))).toBe(1);
    const { state } = chatwoots.current;
    await waitFor(() => state.inboxes(account).length === 0, { describe: 'the inbox being gone' });
  });

  it('no process has met anything it did not expect', () => expectNoDefects(stack));
});

describe('what the client of set is told of a bridge', () => {
  let token: string;
  const outcomes = new Map<string, Outcome>();
  const rows = bridgeRows();

  const body = {
    chatwootBaseUrl: CHATWOOT,
    chatwootAccountId: ACCOUNT,
    chatwootApiToken: 'a-token-of-chatwoot-000001',
    inboxName: 'WhatsApp',
  };

  beforeAll(async () => {
    ({ token } = await stackOfScripted.createAccount());
    await warmUp(stackOfScripted, { token, body });
    await inParallel(rows, AT_ONCE, async ({ title, reply, expected }, index) => {
      const instance = `row-${index}`;
      const { id } = await newInstance(stackOfScripted, token, instance);
      scripted.onActivate(id, () => reply);
      outcomes.set(title, await play(stackOfScripted, { instance, token, body, expected: expected(scripted.url) }));
    });
  });
  it.each(rows.map(({ title }) => [title]))('that %s', (title) => expectOutcome(outcomes.get(title)));

  it('that is not there', async () => {
    await newInstance(stackOfScripted, token, 'bridgeless');
    await scripted.stop();
    expectOutcome(await play(stackOfScripted, { instance: 'bridgeless', token, body, expected: bridgeDown(scripted.url) }));
  });

  it('no process has met anything it did not expect, and no log holds the token of Chatwoot', () => {
    expectNoDefects(stackOfScripted);
    expect(stackOfScripted.logs()).toContain('bridgeless');
    expect(stackOfScripted.logs()).not.toContain(body.chatwootApiToken);
  });
});
