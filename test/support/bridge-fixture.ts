import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { createBridge } from '../../bridge/bridge.ts';
import type { EventHandler } from '../../bridge/integrations/running.ts';
import { BRIDGE_TIMEOUTS, type BridgeTimeouts } from '../../bridge/timeouts.ts';
import { readBridgeConfig } from '../../shared/config/config.ts';
import type { BridgeActivateResponse, BridgeError, BridgeIntegration } from '../../shared/contracts/bridge.ts';
import { createDatabase, type Database } from '../../shared/database/database.ts';
import {
  type ChatwootSimulator,
  type ChatwootSimulatorOptions,
  createChatwootSimulator,
} from '../../simulators/chatwoot/index.ts';
import { createTestDatabase } from './database.ts';
import { freePort } from './ports.ts';
import type { RunningProcess } from './process.ts';
import { startProcess } from './processes.ts';
import { createStreamApi, type StreamApi } from './stream-api.ts';

export interface BridgeAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Partial<BridgeIntegration> &
    Partial<Pick<BridgeActivateResponse, 'replaces' | 'previous_inbox' | 'old_release'>> & {
      chatwoot_ms?: number;
      error?: BridgeError['error'];
    };
}

export interface BridgeUnderTest {
  readonly url: string;
  call(method: string, path: string, options?: { key?: string; body?: unknown; token?: string }): Promise<BridgeAnswer>;
  activate(key: string, overrides?: Record<string, unknown>): Promise<BridgeAnswer>;
  stop(): Promise<void>;
}

export type BridgeProcess = BridgeUnderTest & { readonly process: RunningProcess };

export interface BridgeFixture {
  readonly chatwoot: ChatwootSimulator;
  readonly chatwootUrl: string;
  /** Of an administrator of account 5. */
  readonly adminToken: string;
  readonly api: StreamApi;
  readonly database: Database;
  readonly databaseUrl: string;
  /** Everything the bridges in this process logged. */
  readonly log: string[];
  /** The body of an activation that succeeds; the instance is called as its overrides say, or `suporte`. */
  body(overrides?: Record<string, unknown>): Record<string, unknown>;
  /** A bridge in this process. */
  startBridge(options?: {
    env?: Record<string, string>;
    onEvent?: EventHandler;
    timeouts?: Partial<BridgeTimeouts>;
  }): Promise<BridgeUnderTest>;
  /** A bridge by its own entry file, or by another one, to be killed. */
  startBridgeProcess(entry?: string): Promise<BridgeProcess>;
  stop(): Promise<void>;
}

export const ACCOUNT = 5;
/** Longer than a test runs. */
const DEADLINE_MS = 30_000;

/** A bridge between a simulated Chatwoot and the api's end of a stream, on a database of its own. */
export async function createBridgeFixture(chatwootOptions: ChatwootSimulatorOptions = {}): Promise<BridgeFixture> {
  const testDatabase = await createTestDatabase();
  const database = createDatabase({ url: testDatabase.url, poolSize: 2 });
  const api = await createStreamApi();
  const chatwoot = createChatwootSimulator(chatwootOptions);
  chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
  const adminToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
  const { url: chatwootUrl } = await chatwoot.start();

  const bridgeToken = randomBytes(24).toString('hex');
  const shared = {
    BRIDGE_TOKEN: bridgeToken,
    BRIDGE_DATABASE_URL: testDatabase.url,
    ENCRYPTION_KEYS: `k1:${randomBytes(32).toString('base64')}`,
    CHATWOOT_ALLOW_PRIVATE_NETWORK: 'true',
    ENGINE_ALLOW_PRIVATE_NETWORK: 'true',
    LOG_LEVEL: 'debug',
  };
  const log: string[] = [];
  const stops: (() => Promise<void>)[] = [];

  const body = (overrides: Record<string, unknown> = {}) => ({
    instance_id: `ins_${String(overrides.instance ?? 'suporte')}`,
    instance: 'suporte',
    ryzeapi_url: api.url,
    chatwoot_base_url: chatwootUrl,
    chatwoot_account_id: ACCOUNT,
    chatwoot_api_token: adminToken,
    inbox_name: 'WhatsApp - Orion',
    sign_messages: false,
    ignore_groups: false,
    start_as_pending: false,
    reopen_resolved: true,
    deadline_at: new Date(Date.now() + DEADLINE_MS).toISOString(),
    ...overrides,
  });

  function speakTo(url: string, stop: () => Promise<void>): BridgeUnderTest {
    const call: BridgeUnderTest['call'] = async (method, path, options = {}) => {
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${options.token ?? bridgeToken}`,
          ...(options.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(options.key === undefined ? {} : { 'idempotency-key': options.key }),
        },
        body: options.body === undefined ? undefined : JSON.stringify(options.body),
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      // Held against the contract by the tests themselves.
      return { status: response.status, headers: response.headers, body: (await response.json()) as BridgeAnswer['body'] };
    };
    return {
      url,
      call,
      activate: (key, overrides) => call('POST', '/v1/integrations/activate', { key, body: body(overrides) }),
      stop,
    };
  }

  return {
    chatwoot,
    chatwootUrl,
    adminToken,
    api,
    database,
    databaseUrl: testDatabase.url,
    log,
    body,
    async startBridge({ env = {}, onEvent = () => {}, timeouts = {} } = {}) {
      const port = await freePort();
      const config = readBridgeConfig({ ...shared, BRIDGE_PORT: String(port), ...env });
      const logger = pino({ level: 'debug' }, { write: (line: string) => log.push(line) });
      const bridge = createBridge({ config, logger, onEvent, timeouts: { ...BRIDGE_TIMEOUTS, ...timeouts } });
      await bridge.start();
      let stopped: Promise<void> | undefined;
      const stop = () => {
        stopped ??= bridge.stop();
        return stopped;
      };
      stops.push(stop);
      return speakTo(`http://127.0.0.1:${port}`, stop);
    },
    async startBridgeProcess(entry = 'bridge/main.ts') {
      const port = await freePort();
      const url = `http://127.0.0.1:${port}`;
      const process = await startProcess({
        name: 'bridge',
        entry,
        env: { ...shared, BRIDGE_PORT: String(port) },
        readyWhen: async () => (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(1_000) })).ok,
      });
      stops.push(() => process.stop());
      return { ...speakTo(url, () => process.stop()), process };
    },
    async stop() {
      chatwoot.faults.clear();
      await Promise.all(stops.map((stop) => stop()));
      await Promise.all([chatwoot.stop(), api.stop(), database.stop()]);
      await testDatabase.drop();
    },
  };
}
