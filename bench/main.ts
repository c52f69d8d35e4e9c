// npm run bench [-- --count 300]: what an activation costs over the bare pipeline (HTTP, queue, HTTP, nothing else), side by side in one
// run on this machine. The ratios are what counts; the times say how fast this machine is today.
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
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
import { startBarePipeline } from './bare-pipeline.ts';
import { type Measurement, measure } from './measure.ts';

const ACCOUNT = 5;
const { count } = new Command()
  .name('npm run bench --')
  .description('Activations against the bare pipeline, on both queue engines')
  .option(
    '--count <number>',
    'activations per measurement, at most 5000',
    (text) => Math.min(5_000, Math.max(10, Number(text))),
    300,
  )
  .parse()
  .opts<{ count: number }>();

const dataDir = await mkdtemp(join(tmpdir(), 'ponte-bench-'));
const redis = await startRedis();
console.log(
  `${cpus()[0]?.model ?? 'unknown processor'} × ${cpus().length}, Node ${process.version}, ${count} activations a measurement\n`,
);
console.log('queue      in flight   bare p50   p99      /s     Ponte p50   p99      /s     p50 ratio   throughput ratio');
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
  const stack = createStack({
    dataDir: join(dataDir, name),
    ports,
    secrets: await loadSecrets(join(dataDir, name, 'secrets.json')),
    settings: {
      ...(redisUrl === undefined ? {} : { REDIS_URL: redisUrl }),
      BRIDGE_PUBLIC_URL: `http://127.0.0.1:${ports.bridge}`,
      CHATWOOT_ALLOW_PRIVATE_NETWORK: 'true',
      ENGINE_ALLOW_PRIVATE_NETWORK: 'true',
      RATE_LIMIT_PER_MINUTE: '1000000',
      WORKER_CONCURRENCY: '50',
      LOG_LEVEL: 'warn',
    },
    serviceLog: (service) => ({ kind: 'file', path: join(dataDir, `${name}-${service}.log`) }),
    log: createLogger({ service: 'bench', level: 'error' }),
  });
  try {
    for (const step of stack.steps) await step.run();
    const database = createDatabase({ url: stack.databaseUrl(), poolSize: 2 });
    const { id: accountId, token } = await createAccount(database.prisma, 'bench');
    const bare = await startBarePipeline(redisUrl ?? stack.databaseUrl());
    let run = 0;
    for (const inFlight of [1, 50]) {
      run += 1;
      const names = Array.from({ length: count }, (_, index) => `bench-${run}-${index}`);
      await database.prisma.instance.createMany({
        data: names.map((instance) => ({
          id: `ins_${name}${instance}`,
          accountId,
          name: instance,
          tokenHash: `${name}${instance}`,
        })),
      });
      const body = JSON.stringify({ chatwootBaseUrl: chatwootUrl, chatwootAccountId: ACCOUNT, chatwootApiToken: chatwootToken });
      const activate = async (index: number): Promise<void> => {
        const answer = await fetch(`http://127.0.0.1:${ports.api}/api/chatwoot/set/${names[index]}`, {
          method: 'POST',
          headers: { token, 'content-type': 'application/json' },
          body,
          signal: AbortSignal.timeout(70_000),
        });
        const text = await answer.text();
        if (answer.status !== 201) throw new Error(`activation ${index} answered ${answer.status}: ${text}`);
      };
      const bareResult = await measure(count, inFlight, async () => void (await fetch(bare.url, { method: 'POST' })).text());
      print(name, inFlight, bareResult, await measure(count, inFlight, activate));
    }
    await bare.stop();
    await database.stop();
  } finally {
    await stack.stop();
    await chatwoot.stop();
  }
}

function print(queue: string, inFlight: number, bare: Measurement, ponte: Measurement): void {
  const ms = (value: number): string => `${value.toFixed(1)} ms`.padStart(9);
  const cells = [
    queue.padEnd(10),
    String(inFlight).padStart(9),
    ms(bare.p50Ms),
    ms(bare.p99Ms),
    bare.perSecond.toFixed(0).padStart(7),
    ms(ponte.p50Ms).padStart(12),
    ms(ponte.p99Ms),
    ponte.perSecond.toFixed(0).padStart(7),
    `${(ponte.p50Ms / bare.p50Ms).toFixed(1)} ×`.padStart(11),
    (ponte.perSecond / bare.perSecond).toFixed(2).padStart(18),
  ];
  console.log(cells.join(' '));
}
