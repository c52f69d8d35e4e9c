// npm run bench:noisy [-- --count 60]: what others notice of a customer whose Chatwoot accepts and never answers. The same requests of
// another customer, first alone and then beside a crowd of such activations, on both queue engines. The ratios are what counts.
import { mkdtemp, rm } from 'node:fs/promises';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Command } from 'commander';
import getPort from 'get-port';
import { createAccount } from '../api/accounts/create-account.ts';
import { loadSecrets } from '../embedded/runner/secrets.ts';
import { createStack } from '../embedded/runner/stack.ts';
import { createDatabase } from '../shared/database/database.ts';
import { createLogger } from '../shared/logging/logger.ts';
import { createChatwootSimulator } from '../simulators/chatwoot/index.ts';
import { startRedis } from '../test/support/redis.ts';
import { type Measurement, measure } from './measure.ts';

const ACCOUNT = 5;
const CROWD = 100;
const IN_FLIGHT = 4;
const { count } = new Command()
  .name('npm run bench:noisy --')
  .description('Requests of one customer beside a hundred activations of another one against a Chatwoot that hangs')
  .option('--count <number>', 'instances per measurement, at most 500', (text) => Math.min(500, Math.max(10, Number(text))), 60)
  .parse()
  .opts<{ count: number }>();

const dataDir = await mkdtemp(join(tmpdir(), 'ponte-bench-'));
const redis = await startRedis();
console.log(`queue      request   alone p50        p99   beside p50        p99   p99 ratio`);
try {
  await benchQueue('postgres', undefined);
  await benchQueue('redis', redis.url);
} finally {
  await redis.stop();
  await rm(dataDir, { recursive: true, force: true });
}

async function benchQueue(name: string, redisUrl: string | undefined): Promise<void> {
  const ports = { api: await getPort(), bridge: await getPort(), worker: await getPort(), postgres: await getPort() };
  const chatwoot = createChatwootSimulator();
  const chatwootUrl = (await chatwoot.start()).url;
  const chatwootToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => void sockets.add(socket.on('error', () => {})));
  await new Promise<void>((resolve) => void silent.listen(0, '127.0.0.1', resolve));
  // The address of a TCP server is an object; only pipes have text.
  const silentUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const stack = createStack({
    dataDir: join(dataDir, name),
    ports,
    secrets: await loadSecrets(join(dataDir, name, 'secrets.json')),
    settings: {
      ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
      BRIDGE_PUBLIC_URL: `http://127.0.0.1:${ports.bridge}`,
      CHATWOOT_ALLOW_PRIVATE_NETWORK: 'true',
      RATE_LIMIT_PER_MINUTE: '1000000',
      LOG_LEVEL: 'warn',
    },
    serviceLog: (service) => ({ kind: 'file', path: join(dataDir, `${name}-${service}.log`) }),
    log: createLogger({ service: 'bench', level: 'error' }),
  });

  const call = async (method: string, path: string, token: string, baseUrl?: string): Promise<number> => {
    const body = { chatwootBaseUrl: baseUrl, chatwootAccountId: ACCOUNT, chatwootApiToken: chatwootToken };
    const answer = await fetch(`http://127.0.0.1:${ports.api}/api/chatwoot/${path}`, {
      method,
      headers: { token, ...(baseUrl === undefined ? {} : { 'content-type': 'application/json' }) },
      body: baseUrl === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(70_000),
    });
    await answer.arrayBuffer();
    return answer.status;
  };
  /** What a customer does with its instances, one kind of request after another. */
  const quiet = async (token: string, names: readonly string[]): Promise<Record<string, Measurement>> => {
    const run = (method: string, path: string, expected: number, baseUrl?: string) =>
      measure(names.length, IN_FLIGHT, async (index) => {
        const status = await call(method, `${path}/${names[index]}`, token, baseUrl);
        if (status !== expected) throw new Error(`${path} answered ${status}`);
      });
    return {
      set: await run('POST', 'set', 201, chatwootUrl),
      list: await run('GET', 'list', 200),
      delete: await run('DELETE', 'delete', 200),
    };
  };

  try {
    for (const step of stack.steps) await step.run();
    const database = createDatabase({ url: stack.databaseUrl(), poolSize: 2 });
    const newInstances = async (accountId: string, prefix: string, howMany: number): Promise<string[]> => {
      const names = Array.from({ length: howMany }, (_, index) => `${prefix}-${index}`);
      const data = names.map((instance) => ({
        id: `ins_${name}${instance}`,
        accountId,
        name: instance,
        tokenHash: name + instance,
      }));
      await database.prisma.instance.createMany({ data });
      return names;
    };
    const [loud, other] = [await createAccount(database.prisma, 'loud'), await createAccount(database.prisma, 'other')];
    await quiet(other.token, await newInstances(other.id, 'warm', 10));
    const alone = await quiet(other.token, await newInstances(other.id, 'alone', count));
    const crowd = (await newInstances(loud.id, 'loud', CROWD)).map((instance) =>
      call('POST', `set/${instance}`, loud.token, silentUrl),
    );
    const beside = await quiet(other.token, await newInstances(other.id, 'beside', count));
    for (const [request, before] of Object.entries(alone)) print(name, request, before, beside[request] ?? before);
    await Promise.all(crowd);
    await database.stop();
  } finally {
    await stack.stop();
    await chatwoot.stop();
    for (const socket of sockets) socket.destroy();
    silent.close();
  }
}

function print(queue: string, request: string, alone: Measurement, beside: Measurement): void {
  const ms = (value: number): string => `${value.toFixed(1)} ms`.padStart(10);
  const cells = [queue.padEnd(10), request.padEnd(8), ms(alone.p50Ms), ms(alone.p99Ms), ms(beside.p50Ms), ms(beside.p99Ms)];
  console.log(`${cells.join(' ')} ${`${(beside.p99Ms / alone.p99Ms).toFixed(1)} ×`.padStart(9)}`);
}
