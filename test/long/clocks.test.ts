import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { type Stack, type StackProcess, startStack } from '../support/stack.ts';
import { waitFor } from '../support/wait-for.ts';

const ACCOUNT = 5;

/** Has a process believe that it is so much later; its timers run on as they do. */
function clockAhead(seconds: number): string {
  const script = `
    const Right = Date;
    globalThis.Date = class extends Right {
      constructor(...given) { if (given.length === 0) super(Right.now() + ${seconds * 1_000}); else super(...given); }
      static now() { return Right.now() + ${seconds * 1_000}; }
    };`;
  return `--import=data:text/javascript,${encodeURIComponent(script)}`;
}

describe('processes whose clocks are minutes apart', () => {
  const offBy = { api: -120, worker: 120, bridge: 400 };
  let chatwoot: ChatwootSimulator;
  let stack: Stack;
  let account: { token: string };
  let adminToken = '';

  beforeAll(async () => {
    chatwoot = createChatwootSimulator();
    chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
    adminToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
    await chatwoot.start();
    stack = await startStack({ engine: 'postgres', envOf: (kind) => ({ NODE_OPTIONS: clockAhead(offBy[kind]) }) });
    account = await stack.createAccount();
  });
  afterAll(async () => {
    await stack?.stop();
    await chatwoot?.stop();
  });

  it('activate as if they were right', async () => {
    for (const name of ['first', 'second']) {
      await stack.request({ path: '/api/instance/new', token: account.token, body: { name } });
      const body = {
        chatwootBaseUrl: chatwoot.url(),
        chatwootAccountId: ACCOUNT,
        chatwootApiToken: adminToken,
        inboxName: name,
      };
      const { status, body: answer } = await stack.request({ path: `/api/chatwoot/set/${name}`, token: account.token, body });
      expect({ status, answer }).toMatchObject({ status: 201 });
    }
    expect(chatwoot.state.inboxes(ACCOUNT).map(({ name }) => name)).toEqual(['first', 'second']);
  });

  it('say so in /readyz without being unready for it, and once in their log', async () => {
    const off = [
      [stack.apis, "120 s behind the database's"],
      [stack.workers, "120 s ahead of the database's"],
      [stack.bridges, "400 s ahead of the database's"],
    ] as const;
    for (const [processes, text] of off) {
      const [found] = processes as readonly StackProcess[];
      const read = async () => {
        const response = await fetch(`${found?.url}/readyz`);
        return { status: response.status, body: await response.json() };
      };
      await waitFor(async () => JSON.stringify(await read()).includes(text), { describe: `/readyz saying ${text}` });
      expect(await read()).toMatchObject({ status: 200, body: { status: 'ready', checks: { database: 'ok', clock: text } } });
      const lines = found?.process.lines().filter((line) => line.includes('the clock of this process is')) ?? [];
      expect(lines.map((line) => JSON.parse(line))).toEqual([
        expect.objectContaining({ level: 40, msg: expect.stringContaining(text) }),
      ]);
    }
  });
});
