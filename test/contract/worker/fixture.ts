import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { pino } from 'pino';
import type { ActivationJob } from '../../../shared/activations/job.ts';
import { ACTIVATION_SETTLED_CHANNEL, readNotice } from '../../../shared/activations/settled-channel.ts';
import { createId, createToken, hashToken } from '../../../shared/auth/tokens.ts';
import { createBridgeClient } from '../../../shared/bridge-client/client.ts';
import { readWorkerConfig } from '../../../shared/config/config.ts';
import { createDatabase, type Database } from '../../../shared/database/database.ts';
import { createKeyring, type Keyring } from '../../../shared/encryption/keyring.ts';
import { createLogger } from '../../../shared/logging/logger.ts';
import { openQueue, type QueueLocation } from '../../../shared/queue/engine.ts';
import { createJobQueue, type JobQueue } from '../../../shared/queue/job-queue.ts';
import { ACTIVATION_QUEUE, activationJobOptions } from '../../../shared/queue/queues.ts';
import type { Service } from '../../../shared/run-process.ts';
import { createActivationStore } from '../../../worker/activation/store.ts';
import type { WorkerTimeouts } from '../../../worker/timeouts.ts';
import { createWorker } from '../../../worker/worker.ts';
import { createTestDatabase } from '../../support/database.ts';
import { freePort } from '../../support/ports.ts';
import type { RunningProcess } from '../../support/process.ts';
import { startProcess } from '../../support/processes.ts';
import { QUICK_WORKER } from '../../support/quick-times.ts';
import { waitFor } from '../../support/wait-for.ts';
import { type ScriptedBridge, startScriptedBridge } from './scripted-bridge.ts';

/** Stands for a customer's Chatwoot token: it must turn up nowhere. */
export const CHATWOOT_TOKEN = 'MarkerOfTheChatwootToken';

export const settings = {
  chatwootBaseUrl: 'https://chat.example.com',
  chatwootAccountId: 5,
  inboxName: 'WhatsApp - Orion',
  signMessages: true,
  ignoreGroups: false,
  startAsPending: true,
  reopenResolved: false,
};

export interface TestInstance {
  readonly id: string;
  readonly name: string;
  readonly accountId: string;
}

export interface WorkerProcess {
  readonly process: RunningProcess;
  readonly url: string;
}

const POOL_SIZE = 5;

export type Fixture = Awaited<ReturnType<typeof createRig>>;

/**
 * A database, a queue and a bridge of its own, and what the api does to begin an activation. `databaseUrl` leads workers to the
 * database another way than the test goes.
 */
export async function createRig(options: { redisUrl?: string; viaDatabaseUrl?: (url: string) => Promise<string> }) {
  const testDatabase = await createTestDatabase();
  const database: Database = createDatabase({ url: testDatabase.url, poolSize: POOL_SIZE });
  // Connecting has a short deadline, which a machine that is busy starting processes can miss: so before those.
  await waitFor(() => Promise.all(Array.from({ length: POOL_SIZE }, () => database.pool.query('SELECT pg_sleep(0.05)'))), {
    describe: 'the connections being there',
  });
  const bridge: ScriptedBridge = await startScriptedBridge(randomBytes(16).toString('hex'));
  const encryptionKeys = `k1:${randomBytes(32).toString('base64')}`;
  const [id, secret] = encryptionKeys.split(':');
  const keyring: Keyring = createKeyring([{ id: id ?? '', secret: Buffer.from(secret ?? '', 'base64') }]);
  const location: QueueLocation = options.redisUrl
    ? { kind: 'redis', url: options.redisUrl }
    : { kind: 'postgres', url: testDatabase.url };
  const logger = pino({ level: 'silent' });
  const queue: JobQueue<ActivationJob> = createJobQueue({
    name: ACTIVATION_QUEUE,
    location,
    jobOptions: activationJobOptions,
    logger,
  });
  const inspection = openQueue<unknown>(ACTIVATION_QUEUE, location, () => {});
  const account = { id: createId('acc'), name: 'Acme', tokenHash: hashToken(createToken('account')) };
  await database.prisma.account.create({ data: account });
  const processes: RunningProcess[] = [];
  const workers: Service[] = [];
  const lines: string[] = [];

  const environment = async (more: Record<string, string>): Promise<Record<string, string> & { WORKER_PORT: string }> => ({
    DATABASE_URL: (await options.viaDatabaseUrl?.(testDatabase.url)) ?? testDatabase.url,
    ...(options.redisUrl ? { REDIS_URL: options.redisUrl } : {}),
    BRIDGE_URL: bridge.url,
    BRIDGE_TOKEN: bridge.token,
    ENCRYPTION_KEYS: encryptionKeys,
    WORKER_PORT: String(await freePort()),
    LOG_LEVEL: 'debug',
    ADMIN_USER: 'admin',
    ADMIN_PASSWORD: 'a-password-for-tests',
    ...more,
  });

  /** A process of its own, for tests that kill, stop or pause it. */
  async function startWorkerProcess(more: Record<string, string> = {}): Promise<WorkerProcess> {
    const env = await environment(more);
    const url = `http://127.0.0.1:${env.WORKER_PORT}`;
    const process = await startProcess({
      name: `worker ${processes.length + 1}`,
      entry: 'test/support/quick-worker.ts',
      env,
      readyWhen: async () => (await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(1_000) })).ok,
    });
    processes.push(process);
    return { process, url };
  }

  /** The same within this process, where that is enough: it starts at once. */
  async function startWorker(
    more: Record<string, string> = {},
    timeouts: WorkerTimeouts = QUICK_WORKER,
  ): Promise<{ url: string }> {
    const config = readWorkerConfig(await environment(more));
    const own = createDatabase({ url: config.DATABASE_URL });
    const worker = createWorker({
      config,
      database: own,
      keyring: createKeyring(config.ENCRYPTION_KEYS),
      bridge: createBridgeClient({ url: config.BRIDGE_URL, token: config.BRIDGE_TOKEN }),
      timeouts,
      logger: createLogger({
        service: 'worker',
        level: config.LOG_LEVEL,
        secrets: [config.BRIDGE_TOKEN, config.ADMIN_PASSWORD],
        destination: { write: (line) => void lines.push(line) },
      }),
    });
    await worker.start();
    workers.push(worker);
    return { url: `http://127.0.0.1:${config.WORKER_PORT}` };
  }

  async function newAccount(): Promise<string> {
    const id = createId('acc');
    await database.prisma.account.create({ data: { id, name: id, tokenHash: hashToken(createToken('account')) } });
    return id;
  }

  async function newInstance(accountId = account.id): Promise<TestInstance> {
    const instance = { id: createId('ins'), name: `phone-${randomBytes(4).toString('hex')}`, accountId };
    await database.prisma.instance.create({ data: { ...instance, tokenHash: hashToken(createToken('instance')) } });
    return instance;
  }

  /** Writes the row of an activation, as the api does, without a job. */
  async function writeActivation(instance: TestInstance, { deadlineMs = 60_000, ...more }: WriteOptions = {}): Promise<string> {
    const activationId = createId('act');
    await database.prisma.activation.create({
      data: {
        id: activationId,
        instanceId: instance.id,
        requestHash: randomBytes(8).toString('hex'),
        settings,
        chatwootToken: keyring.encrypt(CHATWOOT_TOKEN, { purpose: 'chatwoot-token', owner: instance.id }),
        requestId: `req-${activationId}`,
        deadlineAt: new Date(Date.now() + deadlineMs),
        ...more,
      },
    });
    return activationId;
  }

  async function activate(instance: TestInstance, options: WriteOptions = {}): Promise<string> {
    const activationId = await writeActivation(instance, options);
    // The same job however often it is added: a queue on a busy machine may answer late, and then whoever asks asks again.
    const job = { v: 1, activationId, requestId: `req-${activationId}` } as const;
    await waitFor(() => queue.add(activationId, job).then(() => true), { describe: 'the job being queued' });
    return activationId;
  }

  const rowOf = (activationId: string) => database.prisma.activation.findUniqueOrThrow({ where: { id: activationId } });

  return {
    database,
    databaseUrl: testDatabase.url,
    prisma: database.prisma,
    bridge,
    keyring,
    queue,
    /** The rows as a worker reads and writes them. */
    store: createActivationStore({ ...database, keyring }),
    inspect: inspection.queue,
    startWorker,
    startWorkerProcess,
    newAccount,
    newInstance,
    writeActivation,
    activate,
    rowOf,
    /** The row of an activation once it has ended. */
    settled: (activationId: string, timeoutMs?: number) =>
      waitFor(
        async () => {
          const row = await rowOf(activationId);
          return row.state === 'succeeded' || row.state === 'failed' ? row : undefined;
        },
        { timeoutMs, describe: `the end of ${activationId}` },
      ),
    integrationOf: (instance: TestInstance) =>
      database.prisma.chatwootIntegration.findUnique({ where: { instanceId: instance.id } }),
    removalsOf: (instance: TestInstance) => database.prisma.removal.findMany({ where: { instanceId: instance.id } }),
    jobState: (activationId: string) => inspection.queue.getJobState(activationId),
    logs: () => [...lines, ...processes.flatMap((process) => process.lines())].join('\n'),
    /** Ends of activations as the workers announce them. */
    async listen(): Promise<{ notices: readonly ReturnType<typeof readNotice>[]; stop(): Promise<void> }> {
      const client = new pg.Client({ connectionString: testDatabase.url });
      const notices: ReturnType<typeof readNotice>[] = [];
      await client.connect();
      client.on('notification', ({ payload }) => notices.push(readNotice(payload ?? '')));
      await client.query(`LISTEN ${ACTIVATION_SETTLED_CHANNEL}`);
      return { notices, stop: () => client.end() };
    },
    async stop(): Promise<void> {
      await Promise.all([...processes.map((process) => process.kill9()), ...workers.map((worker) => worker.stop())]);
      await Promise.race([
        Promise.all([queue.close(), inspection.close()]),
        new Promise((resolve) => setTimeout(resolve, 2_000).unref()),
      ]);
      await bridge.stop();
      await database.stop();
      await testDatabase.drop();
    },
  };
}

interface WriteOptions {
  readonly deadlineMs?: number;
  readonly state?: 'pending' | 'running';
  readonly attempt?: number;
  readonly createdAt?: Date;
  readonly startedAt?: Date;
  readonly heldUntil?: Date;
  readonly settings?: typeof settings;
}
