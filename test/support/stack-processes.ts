import { randomBytes } from 'node:crypto';
import { createAccount } from '../../api/accounts/create-account.ts';
import { createDatabase, type Database } from '../../shared/database/database.ts';
import { freePort } from './ports.ts';
import type { ProcessOptions, RunningProcess } from './process.ts';

export type QueueEngine = 'postgres' | 'redis';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // Bodies are held against the contract by the tests themselves.
  readonly body: Record<string, unknown>;
}

export interface Stack {
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
  readonly database: Database;
  readonly encryptionKeys: string;
  readonly bridgeToken: string;
  readonly apis: readonly StackProcess[];
  readonly workers: readonly StackProcess[];
  readonly bridges: readonly StackProcess[];
  /** A further process of one kind. `port` puts it in the place of one that was killed, `env` is what it has different from the others. */
  startApi(port?: number, env?: Environment): Promise<StackProcess>;
  startWorker(port?: number, env?: Environment): Promise<StackProcess>;
  startBridge(port?: number, env?: Environment): Promise<StackProcess>;
  /** A new account with its token. */
  createAccount(name?: string): Promise<{ id: string; token: string }>;
  /** A request to the first api (or another one), as a client makes it. */
  request(options: {
    method?: 'GET' | 'POST' | 'DELETE';
    path: string;
    token?: string;
    body?: unknown;
    headers?: Record<string, string>;
    api?: number | StackProcess;
  }): Promise<Answer>;
  /** Every process that was ever started. */
  processes(): readonly RunningProcess[];
  /** Everything every process wrote so far. */
  logs(): string;
  stop(): Promise<void>;
}

export interface StackProcess {
  readonly url: string;
  readonly port: number;
  readonly process: RunningProcess;
}

type Environment = Readonly<Record<string, string>>;
type Kind = 'api' | 'worker' | 'bridge';

/** Where everything really is, for whoever leads a process there another way: through a proxy that can fail. */
export interface DirectUrls {
  readonly databaseUrl: string;
  readonly redisUrl: string | undefined;
  /** Of the first api and the first bridge. */
  readonly apiUrl: string;
  readonly bridgeUrl: string;
}

export interface StackOptions {
  readonly engine: QueueEngine;
  readonly apis?: number;
  readonly workers?: number;
  readonly bridges?: number;
  readonly env?: Environment;
  /** What is run in place of a kind's own entry file. */
  readonly entries?: Partial<Record<Kind, string>>;
  /** What one kind of process has different from the others; asked once for each kind, before the first is started. */
  readonly envOf?: (kind: Kind, direct: DirectUrls) => Environment | Promise<Environment>;
  /** With the engine redis: a server of the test's own, which it may harm. */
  readonly redisUrl?: string;
}

const REQUEST_TIMEOUT_MS = 75_000;

/** Starts one process, and sees to it that it does not outlive whoever asked for it. */
export type StartProcess = (options: ProcessOptions) => Promise<RunningProcess>;

/** Api, worker and bridge as real processes by their own entry files, on a database (and a Redis) that is migrated and empty. */
export async function startStackProcesses(
  options: StackOptions,
  on: { databaseUrl: string; redisUrl: string | undefined; startProcess: StartProcess },
): Promise<Stack> {
  const { databaseUrl, redisUrl } = on;
  const database = createDatabase({ url: databaseUrl, poolSize: 3 });
  const encryptionKeys = `k1:${randomBytes(32).toString('base64')}`;
  const bridgeToken = options.env?.BRIDGE_TOKEN ?? randomBytes(24).toString('hex');
  const [firstApiPort, firstBridgePort] = await Promise.all([freePort(), freePort()]);

  const direct: DirectUrls = {
    databaseUrl,
    redisUrl,
    apiUrl: `http://127.0.0.1:${firstApiPort}`,
    bridgeUrl: `http://127.0.0.1:${firstBridgePort}`,
  };
  const env: Record<string, string> = {
    DATABASE_URL: direct.databaseUrl,
    ...(direct.redisUrl === undefined ? {} : { REDIS_URL: direct.redisUrl }),
    ENCRYPTION_KEYS: encryptionKeys,
    BRIDGE_TOKEN: bridgeToken,
    BRIDGE_URL: direct.bridgeUrl,
    BASE_URL: direct.apiUrl,
    BRIDGE_INTERNAL_RYZEAPI_URL: direct.apiUrl,
    BRIDGE_PUBLIC_URL: direct.bridgeUrl,
    CHATWOOT_ALLOW_PRIVATE_NETWORK: 'true',
    ENGINE_ALLOW_PRIVATE_NETWORK: 'true',
    ADMIN_USER: 'admin',
    ADMIN_PASSWORD: 'a-password-for-tests',
    RATE_LIMIT_PER_MINUTE: '100000',
    LOG_LEVEL: 'debug',
    ...options.env,
  };

  const envOf = {
    api: (await options.envOf?.('api', direct)) ?? {},
    worker: (await options.envOf?.('worker', direct)) ?? {},
    bridge: (await options.envOf?.('bridge', direct)) ?? {},
  };

  const all: RunningProcess[] = [];
  const counts = { api: 0, worker: 0, bridge: 0 };
  async function start(kind: Kind, variable: string, port?: number, own: Environment = {}): Promise<StackProcess> {
    const listenOn = port ?? (await freePort());
    const url = `http://127.0.0.1:${listenOn}`;
    counts[kind] += 1;
    const process = await on.startProcess({
      name: `${kind} ${counts[kind]}`,
      entry: options.entries?.[kind] ?? `${kind}/main.ts`,
      env: { ...env, ...envOf[kind], ...own, [variable]: String(listenOn) },
      readyWhen: async () => (await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(1_000) })).ok,
    });
    all.push(process);
    return { url, port: listenOn, process };
  }
  const startFirst = {
    api: (port?: number, own?: Environment) => start('api', 'PORT', port, own),
    worker: (port?: number, own?: Environment) => start('worker', 'WORKER_PORT', port, own),
    bridge: (port?: number, own?: Environment) => start('bridge', 'BRIDGE_PORT', port, own),
  };
  const several = <T>(count: number, make: (index: number) => Promise<T>): Promise<T[]> =>
    Promise.all(Array.from({ length: count }, (_, index) => make(index)));

  const [apis, workers, bridges] = await Promise.all([
    several(options.apis ?? 1, (index) => startFirst.api(index === 0 ? firstApiPort : undefined)),
    several(options.workers ?? 1, () => startFirst.worker()),
    several(options.bridges ?? 1, (index) => startFirst.bridge(index === 0 ? firstBridgePort : undefined)),
  ]);
  /** A later one stands in the list as well: in the place of the one whose port it has, else at the end. */
  const startLater = (kind: Kind, among: StackProcess[]) => async (port?: number, own?: Environment) => {
    const one = await startFirst[kind](port, own);
    const place = among.findIndex((other) => other.port === one.port);
    if (place === -1) among.push(one);
    else among[place] = one;
    return one;
  };

  return {
    databaseUrl,
    redisUrl,
    database,
    encryptionKeys,
    bridgeToken,
    apis,
    workers,
    bridges,
    startApi: startLater('api', apis),
    startWorker: startLater('worker', workers),
    startBridge: startLater('bridge', bridges),
    createAccount: (name = `account-${randomBytes(4).toString('hex')}`) => createAccount(database.prisma, name),
    async request({ method = 'POST', path, token, body, headers, api = 0 }) {
      const target = typeof api === 'number' ? apis[api] : api;
      if (!target) throw new Error(`there is no api ${api}`);
      const response = await fetch(`${target.url}${path}`, {
        method,
        headers: {
          ...(token === undefined ? {} : { token }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      });
      return { status: response.status, headers: response.headers, body: (await response.json()) as Record<string, unknown> };
    },
    processes: () => all,
    logs: () => all.flatMap((process) => process.lines()).join('\n'),
    async stop() {
      await Promise.all(all.map((process) => process.stop()));
      await database.stop();
    },
  };
}
