import { randomBytes } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createBridge } from '../../bridge/bridge.ts';
import { createBridgeClient } from '../../shared/bridge-client/client.ts';
import { readBridgeConfig, readWorkerConfig } from '../../shared/config/config.ts';
import { createDatabase } from '../../shared/database/database.ts';
import { createKeyring } from '../../shared/encryption/keyring.ts';
import { createLogger } from '../../shared/logging/logger.ts';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { createWhatsappEngineSimulator, type WhatsappEngineSimulator } from '../../simulators/whatsapp-engine/index.ts';
import { createWorker } from '../../worker/worker.ts';
import { freePort } from '../support/ports.ts';
import { HEARTBEAT, observeStatements } from '../support/statements.ts';
import { waitFor } from '../support/wait-for.ts';
import { call, createHarness, type Harness, newInstance, type RunningApi } from './api/harness.ts';

const ACCOUNT = 5;
const ENGINE_TOKEN = 'engine-account-token';
/** What runs by itself (sweeps, heartbeats, polls) may fall into one of them; the cheapest has none of it, and no more than is necessary. */
const TRIES = 8;
/** What the bridge does after an answer (its stream, its lease) is over when it has been quiet for so long. */
const QUIET_MS = 200;

/**
 * What one may cost at most, by process: SQL statements, calls by HTTP, bytes of log at the level `info`. With Redis, so that what the queue
 * itself does is no SQL. One more round trip fails; whoever has a reason for one raises the number here, and says which.
 */
const ACTIVATION = {
  // Api: whose the token is, with the instance, and the row; four more for the streams that the bridge tries and opens. Worker: the claim, the
  // end, which tells the outcome; whose turn it is only where more are under way. Bridge: the locks, the row before and after the inbox is made, the lease, and what a new stream begins with.
  sql: { api: 6, worker: 2, bridge: 13 },
  // The worker calls the bridge; the bridge tries the stream, makes the inbox, asks for the account's language, and opens its stream.
  http: 5,
  logBytes: 1_500,
};
const DEACTIVATION = {
  // Api: whose the token is with the instance, and the row's end in a transaction of five: the lock, whether it is idle, and what goes; afterwards that
  // the bridge has done it. Bridge: the integration, the lock, the row again, its two last states, and that the lease is gone.
  sql: { api: 7, worker: 0, bridge: 8 },
  // The api calls the bridge, which deletes the inbox and sees that it is gone.
  http: 3,
  logBytes: 1_000,
};
/** A message of a chat that is already known, from the engine's delivery to Chatwoot and back: Chatwoot tells its own webhook of it. */
const MESSAGE = {
  // Api: whose the token is, the event, handing it out, its acknowledgement. Bridge: whether it is there already, the posting before and
  // after; whose the webhook is that tells of it is known where the integration runs.
  sql: { api: 4, worker: 0, bridge: 3 },
  // Which conversation it belongs into, as an agent may have resolved the last one; the message, and Chatwoot's webhook.
  http: 3,
  logBytes: 400,
};
/** Where resolved conversations are gone on with, an agent who resolves one changes nothing: Chatwoot is not asked. */
const MESSAGE_REOPENING = { ...MESSAGE, http: 2 };

type Part = 'api' | 'worker' | 'bridge';
interface Cost {
  readonly sql: Readonly<Record<Part, number>>;
  readonly http: number;
  readonly logBytes: number;
}

/** Counts what the processes of this one do, told apart by the name under which they know the database. */
function createMeter() {
  let statements: { part: string; text: string }[] = [];
  let calls: string[] = [];
  let logBytes = 0;
  let stopObserving = () => {};
  const onRequest = (message: unknown): void => {
    const { request } = message as { request: { method: string; path: string } };
    calls.push(`${request.method} ${request.path}`);
  };
  const countOf = (part: Part) => statements.filter((one) => one.part === part && !HEARTBEAT.test(one.text)).length;
  /** What one leaves behind is not counted with the next. */
  const untilQuiet = async (): Promise<void> => {
    for (let before = -1; before !== countOf('bridge'); await delay(QUIET_MS)) {
      before = countOf('bridge');
    }
  };
  return {
    start() {
      stopObserving = observeStatements(({ text, application = '' }) => statements.push({ part: application, text }));
      subscribe('http.client.request.start', onRequest);
    },
    stop() {
      stopObserving();
      unsubscribe('http.client.request.start', onRequest);
    },
    log: (line: string) => {
      logBytes += Buffer.byteLength(line);
    },
    untilQuiet,
    /** What `run` costs, where it is quiet before; it is quiet again after it. */
    async costOf(run: () => Promise<unknown>, apiLog: () => string): Promise<Cost & { readonly what: string }> {
      statements = [];
      calls = [];
      logBytes = -Buffer.byteLength(apiLog());
      await run();
      // What it brings about goes on behind the answer, and how much of that is before it is a matter of speed.
      await untilQuiet();
      logBytes += Buffer.byteLength(apiLog());
      // What the simulated engine delivers is not of Ponte.
      const ours = calls.filter((path) => !path.includes('/api/events/'));
      const what = [...statements.map(({ part, text }) => `${part}: ${text.replace(/\s+/g, ' ').slice(0, 90)}`), ...ours].join(
        '\n',
      );
      return {
        sql: { api: countOf('api'), worker: countOf('worker'), bridge: countOf('bridge') },
        http: ours.length,
        logBytes,
        what,
      };
    },
  };
}

/** The least of each figure: one that something else fell into costs more, and never less. */
function least(costs: readonly Cost[]): Cost {
  const of = (figure: (cost: Cost) => number) => Math.min(...costs.map(figure));
  const sql = { api: of(({ sql }) => sql.api), worker: of(({ sql }) => sql.worker), bridge: of(({ sql }) => sql.bridge) };
  return { sql, http: of(({ http }) => http), logBytes: of(({ logBytes }) => logBytes) };
}

function expectWithin(costs: readonly (Cost & { readonly what: string })[], budget: Cost): void {
  const cost = least(costs);
  const what = [...costs].sort((a, b) => a.what.length - b.what.length)[0]?.what;
  const within = Object.fromEntries(
    (['api', 'worker', 'bridge'] as const).map((part) => [part, Math.max(cost.sql[part], budget.sql[part])]),
  );
  expect(within, `SQL statements:\n${what}`).toEqual(budget.sql);
  expect(cost.http, `calls:\n${what}`).toBeLessThanOrEqual(budget.http);
  expect(cost.logBytes, 'bytes of log').toBeLessThanOrEqual(budget.logBytes);
}

describe('what one costs, through api, worker and bridge', () => {
  const meter = createMeter();
  const stops: (() => Promise<unknown>)[] = [];
  let harness: Harness;
  let api: RunningApi;
  let chatwoot: ChatwootSimulator;
  let engine: WhatsappEngineSimulator;
  let token: string;
  let chatwootToken: string;

  beforeAll(async () => {
    meter.start();
    engine = createWhatsappEngineSimulator({ token: ENGINE_TOKEN });
    const { url: engineUrl } = await engine.start();
    chatwoot = createChatwootSimulator();
    chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
    chatwootToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
    await chatwoot.start();
    const [bridgePort, workerPort] = [String(await freePort()), String(await freePort())];
    const bridgeUrl = `http://127.0.0.1:${bridgePort}`;
    harness = await createHarness('redis', {
      ...{ BRIDGE_URL: bridgeUrl, ENGINE_URL: engineUrl, ENGINE_TOKEN, LOG_LEVEL: 'info' },
    });
    const env = {
      ...harness.env,
      ...{ BRIDGE_PORT: bridgePort, BRIDGE_PUBLIC_URL: bridgeUrl, WORKER_PORT: workerPort },
      ...{ BRIDGE_DATABASE_URL: named('bridge'), CHATWOOT_ALLOW_PRIVATE_NETWORK: 'true' },
      ...{ ADMIN_USER: 'admin', ADMIN_PASSWORD: randomBytes(8).toString('hex') },
    };
    const logger = (service: Part) => createLogger({ service, level: 'info', destination: { write: meter.log } });

    const bridge = createBridge({ config: readBridgeConfig(env), logger: logger('bridge') });
    await bridge.start();
    stops.push(() => bridge.stop());
    api = await harness.startApi({ DATABASE_URL: named('api') });
    const config = readWorkerConfig({ ...env, DATABASE_URL: named('worker'), BRIDGE_INTERNAL_RYZEAPI_URL: api.url });
    const worker = createWorker({
      config,
      database: createDatabase({ url: config.DATABASE_URL }),
      keyring: createKeyring(config.ENCRYPTION_KEYS),
      bridge: createBridgeClient({ url: config.BRIDGE_URL, token: config.BRIDGE_TOKEN }),
      logger: logger('worker'),
    });
    await worker.start();
    stops.push(() => worker.stop());
    token = (await harness.createAccount()).token;
  });
  afterAll(async () => {
    meter.stop();
    await Promise.all(stops.map((stop) => stop()));
    await harness?.stop();
    await Promise.all([chatwoot?.stop(), engine?.stop()]);
  });

  function named(part: Part): string {
    const url = new URL(harness.databaseUrl);
    url.searchParams.set('application_name', part);
    return url.href;
  }

  async function activate(name: string, settings = {}): Promise<void> {
    const body = {
      ...settings,
      chatwootBaseUrl: chatwoot.url(),
      chatwootAccountId: ACCOUNT,
      chatwootApiToken: chatwootToken,
      inboxName: name,
    };
    expect(await call(api.url, 'POST', `/api/chatwoot/set/${name}`, { token, body })).toMatchObject({ status: 201 });
  }

  async function deactivate(name: string): Promise<void> {
    expect(await call(api.url, 'DELETE', `/api/chatwoot/delete/${name}`, { token })).toMatchObject({ status: 200 });
  }

  it('an activation, and its deactivation', async () => {
    const names = Array.from({ length: TRIES }, (_, index) => `phone-${index}`);
    for (const name of names) await newInstance(api.url, token, name);
    const costs: Awaited<ReturnType<typeof meter.costOf>>[] = [];
    await meter.untilQuiet();
    // Close behind each other: what is asked once for all activations of a second is asked for one of them.
    for (const name of names) costs.push(await meter.costOf(() => activate(name), harness.log));
    expectWithin(costs, ACTIVATION);
    costs.length = 0;
    for (const name of names) costs.push(await meter.costOf(() => deactivate(name), harness.log));
    expectWithin(costs, DEACTIVATION);
  });

  it.each([
    ['a later message to Chatwoot', 'suporte', {}, MESSAGE],
    [
      'a later message to Chatwoot where resolved conversations are reopened',
      'vendas',
      { reopenResolved: true },
      MESSAGE_REOPENING,
    ],
  ])('%s', async (_title, name, settings, budget) => {
    const instance = await newInstance(api.url, token, name);
    engine.state.addInstance({ name, token: instance.token, ingestUrl: `${api.url}/api/events/ingest/${name}` });
    await activate(name, settings);
    const receive = async (): Promise<void> => {
      const { id } = engine.state.receive(name, {
        from: { phone: '5511999990001', name: 'Bia' },
        content: { type: 'text', text: 'oi' },
      });
      await waitFor(() => chatwoot.state.messages(ACCOUNT).some(({ sourceId }) => sourceId === `WAID:${id}`));
      await waitFor(async () => (await harness.prisma.engineEvent.count({ where: { ackedAt: null } })) === 0);
    };
    // The first makes the contact and the conversation, of which Chatwoot tells; the second is the first that goes into one that is there.
    await receive();
    await receive();
    const costs: Awaited<ReturnType<typeof meter.costOf>>[] = [];
    await meter.untilQuiet();
    for (let index = 0; index < TRIES; index += 1) costs.push(await meter.costOf(receive, harness.log));
    expectWithin(costs, budget);
  });
});
