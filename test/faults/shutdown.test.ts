import { request as httpRequest } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { inParallel } from '../support/in-parallel.ts';
import { startRedis } from '../support/redis.ts';
import { type Stack, type StackProcess, startStack } from '../support/stack.ts';
import { waitFor } from '../support/wait-for.ts';

const ACCOUNT = 5;
/** What a process may take at most, and a little for a busy machine; orchestrators kill after 30 s. */
const GRACE_MS = 28_000;

interface Reply {
  readonly status: number;
  readonly code: string | undefined;
}

/**
 * One request on a connection of its own; undefined where nobody took it: refused, or reset because it was still in the queue of the system
 * when the listening ended. That none was reset which the process had taken is for its log to say.
 */
function post(url: string, token: string, body: unknown): Promise<Reply | undefined> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      url,
      { method: 'POST', agent: false, headers: { token, 'content-type': 'application/json' } },
      (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        response.on('error', reject);
        response.on('end', () => resolve({ status: response.statusCode ?? 0, code: JSON.parse(text || '{}').error?.code }));
      },
    );
    request.on('error', (error: NodeJS.ErrnoException) =>
      /^ECONN(REFUSED|RESET)$/.test(error.code ?? '') ? resolve(undefined) : reject(error),
    );
    request.end(JSON.stringify(body));
  });
}

describe('SIGTERM under load', () => {
  let chatwoot: ChatwootSimulator;
  let chatwootUrl = '';
  let adminToken = '';
  let stack: Stack;
  let token = '';
  let count = 0;

  beforeAll(async () => {
    chatwoot = createChatwootSimulator();
    chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
    adminToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
    [chatwootUrl, stack] = await Promise.all([
      chatwoot.start().then(({ url }) => url),
      startStack({ engine: 'redis', apis: 2, workers: 2, bridges: 1 }),
    ]);
    token = (await stack.createAccount()).token;
  });
  afterEach(() => chatwoot.faults.clear());
  afterAll(async () => {
    await stack?.stop();
    await chatwoot?.stop();
  });

  /** Activates so many new instances, eight at a time; a request that is not taken goes to the next api, as a load balancer does. */
  async function load(apis: readonly StackProcess[], size: number): Promise<{ names: string[]; done: Promise<Reply[]> }> {
    const names = Array.from({ length: size }, () => `load-${++count}`);
    await inParallel(names, 8, (name) => stack.request({ path: '/api/instance/new', token, body: { name } }));
    const body = (inboxName: string) => ({
      chatwootBaseUrl: chatwootUrl,
      chatwootAccountId: ACCOUNT,
      chatwootApiToken: adminToken,
      inboxName,
    });
    const outOfService = new Set<StackProcess>();
    const activate = async (name: string): Promise<Reply> => {
      for (const api of apis.filter((candidate) => !outOfService.has(candidate))) {
        const reply = await post(`${api.url}/api/chatwoot/set/${name}`, token, body(name));
        if (reply !== undefined && reply.code !== 'shutting_down') return reply;
        outOfService.add(api);
      }
      return { status: 0, code: 'nobody took it' };
    };
    return { names, done: inParallel(names, 8, activate) };
  }

  const slowly = (ms: number) =>
    chatwoot.faults.add({ method: 'POST', path: /inboxes$/, action: { kind: 'delay', delayMs: ms } });
  const underWay = (names: readonly string[], least: number) =>
    waitFor(
      async () =>
        (await stack.database.prisma.activation.count({ where: { instance: { name: { in: [...names] } }, state: 'running' } })) >=
        least,
    );

  async function ends({ process: running }: StackProcess): Promise<void> {
    const startedAtMs = Date.now();
    running.signal('SIGTERM');
    expect(await running.exited).toEqual({ code: 0, signal: null });
    expect(Date.now() - startedAtMs).toBeLessThan(GRACE_MS);
  }

  /** Every activation succeeded, with one inbox each, and nothing is left to be removed. */
  async function expectAllDone(names: readonly string[], replies: readonly Reply[]): Promise<void> {
    expect(replies).toEqual(names.map(() => ({ status: 201, code: undefined })));
    const inboxes = chatwoot.state.inboxes(ACCOUNT).map(({ name }) => name);
    expect(names.map((name) => inboxes.filter((inbox) => inbox === name).length)).toEqual(names.map(() => 1));
    const rows = await stack.database.prisma.activation.findMany({ where: { instance: { name: { in: [...names] } } } });
    expect(rows.map(({ state }) => state)).toEqual(names.map(() => 'succeeded'));
  }

  it('of an api: every request it took is answered, and no client notices', async () => {
    slowly(400);
    // The bridge reaches the api at the address of the other one.
    const [other, stopped] = stack.apis;
    if (other === undefined || stopped === undefined) throw new Error('two apis');
    const { names, done } = await load([stopped, other], 40);
    await underWay(names, 4);
    await ends(stopped);
    await expectAllDone(names, await done);
    const log = stopped.process.lines().join('\n');
    expect(log).toContain('"path":"/api/chatwoot/set/');
    expect(log).not.toContain('client gone');
  });

  it('of a worker: what it runs is finished, and nothing is run twice', async () => {
    slowly(400);
    const [worker] = stack.workers;
    const [api] = stack.apis;
    if (worker === undefined || api === undefined) throw new Error('a worker and an api');
    const { names, done } = await load([api], 40);
    await underWay(names, 4);
    await ends(worker);
    await expectAllDone(names, await done);
    const attempts = await stack.database.prisma.activation.findMany({
      where: { instance: { name: { in: names } } },
      select: { attempt: true },
    });
    expect(attempts.filter(({ attempt }) => attempt > 1)).toEqual([]);
  });

  it('of the only bridge: what it does is finished, and the rest waits for the next one', async () => {
    slowly(400);
    const [bridge] = stack.bridges;
    const [api] = stack.apis;
    if (bridge === undefined || api === undefined) throw new Error('a bridge and an api');
    const { names, done } = await load([api], 24);
    await underWay(names, 4);
    await ends(bridge);
    await stack.startBridge(bridge.port);
    await expectAllDone(names, await done);
  });
});

describe('SIGTERM while Redis is gone', () => {
  it('ends all three within their grace, and every exit is clean', async ({ onTestFinished }) => {
    const redis = await startRedis();
    onTestFinished(() => redis.stop());
    const stack = await startStack({ engine: 'redis', redisUrl: redis.url });
    onTestFinished(() => stack.stop());
    const processes = [...stack.apis, ...stack.workers, ...stack.bridges];
    for (const { url } of processes) await waitFor(async () => (await fetch(`${url}/readyz`)).ok);
    await redis.kill9();
    for (const { url } of [...stack.apis, ...stack.workers])
      await waitFor(async () => (await fetch(`${url}/readyz`)).status === 503);
    const startedAtMs = Date.now();
    for (const { process: running } of processes) running.signal('SIGTERM');
    for (const { process: running } of processes) expect(await running.exited).toEqual({ code: 0, signal: null });
    expect(Date.now() - startedAtMs).toBeLessThan(GRACE_MS);
    expect(stack.logs()).not.toMatch(/unhandled|"level":60/i);
  });
});
