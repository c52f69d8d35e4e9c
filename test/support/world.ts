import type { ChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { createFaultProxy, type FaultProxy } from './fault-proxy.ts';
import type { RunningProcess } from './process.ts';
import { type RedisServer, startRedis } from './redis.ts';
import type { Answer, DirectUrls, Stack, StackOptions, StackProcess } from './stack-processes.ts';
import { waitFor } from './wait-for.ts';

/** Every token of Chatwoot in such a world begins with this: it must be found nowhere. */
export const MARKER = 'MARKER0of0a0Chatwoot0token0';

/** Wires of Ponte that can be made to fail, each by itself. */
export type Wire = 'apiDatabase' | 'workerDatabase' | 'bridgeDatabase' | 'apiQueue' | 'workerQueue' | 'bridge';

/** An instance, and an account in Chatwoot that nobody else uses. */
export interface Place {
  readonly instance: string;
  readonly instanceId: string;
  readonly account: number;
  /** Has requests for inboxes of this account fail; for all of them, unless told how many. */
  fault(action: FaultAction, options?: { times?: number; method?: string }): void;
  /** How many inboxes the account has. */
  inboxes(): number;
  /** How often Chatwoot was asked to make one. */
  asked(): number;
}
type FaultAction = Parameters<ChatwootSimulator['faults']['add']>[0]['action'];

/** What a client of `set` got; `answer` is undefined where its connection broke. */
export interface Told {
  readonly place: Place;
  readonly answer: Answer | undefined;
  readonly tookMs: number;
}

export interface World {
  readonly stack: Stack;
  readonly chatwoot: ChatwootSimulator;
  readonly redis: RedisServer | undefined;
  readonly wires: Readonly<Record<Wire, FaultProxy>>;
  readonly places: readonly Place[];
  /** Everything that was ever answered. */
  readonly told: readonly Told[];
  /** What was ended on purpose. */
  readonly killed: RunningProcess[];
  newPlace(): Promise<Place>;
  /** Activates, as a client does. Never rejects. */
  set(place: Place, options?: { inboxName?: string; api?: StackProcess; idempotencyKey?: string }): Promise<Told>;
  remove(place: Place): Promise<Answer>;
  kill9(target: StackProcess): Promise<void>;
  stop(): Promise<void>;
}

const FIRST_ACCOUNT = 100;

/** All of Ponte as real processes between clients and a Chatwoot, with everything in between that can be made to fail. */
export async function createWorld(
  options: Omit<StackOptions, 'redisUrl' | 'envOf'>,
  startStack: (options: StackOptions) => Promise<Stack>,
): Promise<World> {
  const redis = options.engine === 'redis' ? await startRedis({ appendonly: true }) : undefined;
  const chatwoot = createChatwootSimulator();
  await chatwoot.start();
  const proxies: FaultProxy[] = [];
  async function detour(url: string) {
    const target = new URL(url);
    const proxy = await createFaultProxy({ target: { port: Number(target.port) } });
    proxies.push(proxy);
    target.port = String(proxy.port);
    return { url: target.href.replace(/\/$/, ''), proxy };
  }
  const { wires, stack } = await startWired(options, { startStack, redis, detour });
  const { token } = await stack.createAccount();
  let account = FIRST_ACCOUNT;
  const places: Place[] = [];
  const told: Told[] = [];
  const killed: RunningProcess[] = [];

  return {
    stack,
    chatwoot,
    redis,
    wires,
    places,
    told,
    killed,
    async newPlace() {
      account += 1;
      const place = await createPlace({ stack, chatwoot, token, account });
      places.push(place);
      return place;
    },
    async set(place, { inboxName = 'WhatsApp', api, idempotencyKey } = {}) {
      const startedAt = performance.now();
      const body = {
        chatwootBaseUrl: chatwoot.url(),
        chatwootAccountId: place.account,
        chatwootApiToken: tokenOf(place.account),
        inboxName,
      };
      const headers = idempotencyKey === undefined ? undefined : { 'idempotency-key': idempotencyKey };
      const request = { path: `/api/chatwoot/set/${place.instance}`, token, body, headers, api };
      const answer = await stack.request(request).catch(() => undefined);
      const result = { place, answer, tookMs: performance.now() - startedAt };
      told.push(result);
      return result;
    },
    remove: (place) => stack.request({ method: 'DELETE', path: `/api/chatwoot/delete/${place.instance}`, token }),
    async kill9({ process }) {
      killed.push(process);
      await process.kill9();
    },
    async stop() {
      chatwoot.faults.clear();
      await Promise.all(proxies.map((proxy) => proxy.set({ mode: 'pass' })));
      await stack.stop();
      await Promise.all([chatwoot.stop(), redis?.stop(), ...proxies.map((proxy) => proxy.stop())]);
    },
  };
}

async function startWired(
  options: Omit<StackOptions, 'redisUrl' | 'envOf'>,
  deps: {
    startStack: (options: StackOptions) => Promise<Stack>;
    redis: RedisServer | undefined;
    detour: (url: string) => Promise<{ url: string; proxy: FaultProxy }>;
  },
): Promise<{ stack: Stack; wires: Record<Wire, FaultProxy> }> {
  const laid: Partial<Record<Wire, { url: string; proxy: FaultProxy }>> = {};
  const via = async (wire: Wire, url: string): Promise<string> => {
    laid[wire] ??= await deps.detour(url);
    return laid[wire].url;
  };
  const queueOf = async (wire: Wire, { redisUrl }: DirectUrls): Promise<Record<string, string>> =>
    redisUrl === undefined ? {} : { REDIS_URL: await via(wire, redisUrl) };
  const stack = await deps.startStack({
    ...options,
    redisUrl: deps.redis?.url,
    async envOf(kind, direct) {
      if (kind === 'bridge') return { DATABASE_URL: await via('bridgeDatabase', direct.databaseUrl) };
      return {
        DATABASE_URL: await via(`${kind}Database`, direct.databaseUrl),
        BRIDGE_URL: await via('bridge', direct.bridgeUrl),
        ...(await queueOf(`${kind}Queue`, direct)),
      };
    },
  });
  // Without Redis the queue is in the database, and so on its wire.
  const wire = (name: Wire, instead: Wire = name): FaultProxy => {
    const found = laid[name] ?? laid[instead];
    if (found === undefined) throw new Error(`nothing goes over ${name}`);
    return found.proxy;
  };
  const wires = {
    apiDatabase: wire('apiDatabase'),
    workerDatabase: wire('workerDatabase'),
    bridgeDatabase: wire('bridgeDatabase'),
    apiQueue: wire('apiQueue', 'apiDatabase'),
    workerQueue: wire('workerQueue', 'workerDatabase'),
    bridge: wire('bridge'),
  };
  return { stack, wires };
}

const tokenOf = (account: number): string => `${MARKER}${account}`;

async function createPlace(deps: { stack: Stack; chatwoot: ChatwootSimulator; token: string; account: number }): Promise<Place> {
  const { stack, chatwoot, token, account } = deps;
  chatwoot.state.addUser({
    name: `Admin ${account}`,
    token: tokenOf(account),
    accounts: [{ id: account, role: 'administrator' }],
  });
  const instance = `place-${account}`;
  const { status, body } = await stack.request({ path: '/api/instance/new', token, body: { name: instance } });
  if (status !== 201) throw new Error(`no instance: ${status} ${JSON.stringify(body)}`);
  const path = new RegExp(`/accounts/${account}/inboxes`);
  return {
    instance,
    // Held against the contract by the tests of the api.
    instanceId: (body.instance as { id: string }).id,
    account,
    fault: (action, options) => void chatwoot.faults.add({ path, action, ...options }),
    inboxes: () => chatwoot.state.inboxes(account).length,
    asked: () => chatwoot.state.countRequests('POST', path),
  };
}

/** A place, in whose account the making of an inbox takes `delayMs`. */
export async function slowPlace(world: World, delayMs: number): Promise<Place> {
  const place = await world.newPlace();
  place.fault({ kind: 'delay', delayMs }, { times: 1, method: 'POST' });
  return place;
}

export const isUnderWay = (place: Place): Promise<boolean> =>
  waitFor(() => place.asked() === 1, { describe: `Chatwoot being asked for the inbox of ${place.instance}` });

export const rowOf = ({ stack }: World, { instanceId }: Place) =>
  stack.database.prisma.activation.findFirstOrThrow({ where: { instanceId }, orderBy: { createdAt: 'desc' } });
