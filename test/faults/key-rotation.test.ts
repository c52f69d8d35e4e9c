import { randomBytes } from 'node:crypto';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { countByKey } from '../../shared/encryption/rotation.ts';
import { apiSecrets, bridgeSecrets } from '../../shared/encryption/secret-columns.ts';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { bundledProgram } from '../support/bundled.ts';
import { inParallel } from '../support/in-parallel.ts';
import { type Stack, type StackProcess, startStack } from '../support/stack.ts';

const ACCOUNT = 5;
const OLD = `old:${randomBytes(32).toString('base64')}`;
const NEW = `new:${randomBytes(32).toString('base64')}`;

let chatwoot: ChatwootSimulator;
let chatwootUrl = '';
let adminToken = '';
let stack: Stack;
let token = '';
let running: { api: StackProcess; worker: StackProcess; bridge: StackProcess };

beforeAll(async () => {
  chatwoot = createChatwootSimulator();
  chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
  adminToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
  // The first step of the handbook is done: every process can read the new key, and none writes with it.
  const env = { ENCRYPTION_KEYS: `${OLD},${NEW}` };
  [chatwootUrl, stack] = await Promise.all([chatwoot.start().then(({ url }) => url), startStack({ engine: 'postgres', env })]);
  token = (await stack.createAccount()).token;
  const [[api], [worker], [bridge]] = [stack.apis, stack.workers, stack.bridges];
  if (!api || !worker || !bridge) throw new Error('one of each');
  running = { api, worker, bridge };
});
afterAll(async () => {
  await stack?.stop();
  await chatwoot?.stop();
});

const create = (name: string) =>
  stack.request({
    path: '/api/instance/new',
    token,
    body: { name, engineUrl: 'http://127.0.0.1:9', engineToken: `engine-${name}` },
  });
const activate = async (name: string, inboxName = name): Promise<number> => {
  const body = { chatwootBaseUrl: chatwootUrl, chatwootAccountId: ACCOUNT, chatwootApiToken: adminToken, inboxName };
  return (await stack.request({ path: `/api/chatwoot/set/${name}`, token, body })).status;
};
/** Restarts all three with these keys. */
async function restartWith(keys: string): Promise<void> {
  const env = { ENCRYPTION_KEYS: keys };
  const { bridge, worker, api } = running;
  const [nextBridge, nextWorker, nextApi] = await Promise.all([
    bridge.process.stop().then(() => stack.startBridge(bridge.port, env)),
    worker.process.stop().then(() => stack.startWorker(undefined, env)),
    api.process.stop().then(() => stack.startApi(api.port, env)),
  ]);
  running = { bridge: nextBridge, worker: nextWorker, api: nextApi };
}
const rotate = () =>
  execa(...bundledProgram('cli/main.ts', 'keys', 'rotate'), {
    env: { DATABASE_URL: stack.databaseUrl, ENCRYPTION_KEYS: `${NEW},${OLD}` },
    reject: false,
  });
const keysInUse = async () =>
  new Set((await countByKey(stack.database.pool, [...apiSecrets, ...bridgeSecrets])).map(({ keyId }) => keyId));

it('rotates keys while customers activate, and nothing fails or becomes unreadable', async () => {
  const before = Array.from({ length: 5 }, (_, index) => `before-${index}`);
  const during = Array.from({ length: 20 }, (_, index) => `during-${index}`);
  for (const name of before) await create(name);
  expect(await inParallel(before, 5, (name) => activate(name))).toEqual(before.map(() => 201));
  expect(await keysInUse()).toEqual(new Set(['old']));

  await restartWith(`${NEW},${OLD}`);
  for (const name of during) await create(name);
  const [statuses, rotation] = await Promise.all([
    // Also again those that are being put under the new key.
    inParallel([...during, ...before], 6, (name) => activate(name, `${name} again`)),
    rotate(),
  ]);
  expect(statuses).toEqual([...during, ...before].map(() => 201));
  expect(rotation).toMatchObject({ exitCode: 0 });
  expect(await keysInUse()).toEqual(new Set(['new']));

  // The last step: the old key is gone, and everything can still be read.
  await restartWith(NEW);
  for (const name of [before[0] ?? '', during[0] ?? '']) {
    expect(await activate(name, `${name} at last`)).toBe(201);
    const { body } = await stack.request({ method: 'GET', path: `/api/chatwoot/list/${name}`, token });
    expect(body).toMatchObject({ status: 'active', live: { available: true, token_valid: true, webhook_url_is_ours: true } });
  }
  expect(stack.logs()).not.toMatch(/decryption_failed|encryption_key_missing/);
}, 150_000);
