import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { createBridge } from '../../bridge/bridge.ts';
import { BRIDGE_TIMEOUTS, type BridgeTimeouts } from '../../bridge/timeouts.ts';
import { readBridgeConfig } from '../../shared/config/config.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { BridgeReply } from '../../shared/database/generated/client.ts';
import {
  type ChatwootSimulator,
  type ChatwootSimulatorOptions,
  createChatwootSimulator,
} from '../../simulators/chatwoot/index.ts';
import { createWhatsappEngineSimulator, type WhatsappEngineSimulator } from '../../simulators/whatsapp-engine/index.ts';
import { BRIDGE_TOKEN, createHarness, type Harness, newInstance, type RunningApi } from '../contract/api/harness.ts';
import { createFaultProxy, type FaultProxy } from './fault-proxy.ts';
import { freePort } from './ports.ts';
import { startProcess } from './processes.ts';
import { waitFor } from './wait-for.ts';

export const ACCOUNT = 5;
export const INSTANCE = 'suporte';
const ENGINE_TOKEN = 'engine-secret-token-marker';
/** Nobody listens there, so events wait in the engine. */
const DEAF = 'http://127.0.0.1:9/';
type ReplyTiming = BridgeTimeouts['replies'];
/** What a test cannot wait for, shortened. */
const QUICK: ReplyTiming = {
  ...{ holdBackMs: 30, pauses: { firstMs: 50, maxMs: 200 }, giveUpMs: 60_000, echoGraceMs: 400 },
  ...{ unsaidMs: 1_000, unsaidAgainMs: 50 },
};

export interface Conversation {
  readonly id: number;
  readonly contactId: number;
  readonly sourceId: string;
}
type Reply = Parameters<ChatwootSimulator['state']['reply']>[2];
type Message = ReturnType<WhatsappEngineSimulator['state']['sent']>[number];
type ChatwootMessage = ReturnType<ChatwootSimulator['state']['messages']>[number];

export interface RepliesFixture {
  readonly chatwoot: ChatwootSimulator;
  readonly engine: WhatsappEngineSimulator;
  /** Between api and engine. */
  readonly engineProxy: FaultProxy;
  /** Between bridge and api. */
  readonly apiProxy: FaultProxy;
  /** Between bridge and database. */
  readonly databaseProxy: FaultProxy;
  readonly prisma: PrismaClient;
  readonly harness: Harness;
  readonly api: RunningApi;
  readonly bridgeUrl: string;
  readonly integrationId: string;
  readonly instance: { readonly id: string; readonly token: string };
  readonly inboxId: number;
  /** Path and query of the inbox's webhook. */
  readonly webhookPath: string;
  /** Everything that bridges in this process logged. */
  readonly log: string[];
  /** A contact with this address in the inbox, and with that phone number where it is one; and a conversation with it. */
  converse(sourceId: string, contact?: Record<string, unknown>): Promise<Conversation>;
  /** A call of Chatwoot's API by its administrator; `path` is below the account. */
  askChatwoot(method: string, path: string, body: unknown): Promise<{ id: number; payload: { contact: { id: number } } }>;
  /** What an agent does who is told that the contact has none. */
  givePhoneNumber(conversation: Conversation, phoneNumber: string): Promise<void>;
  /** What the agent writes, and Chatwoot's message of it. */
  reply(conversation: Conversation, reply: Reply | string): ChatwootMessage;
  /** What the agent writes one after the other: each has reached the bridge before the next is written, however busy the machine is. */
  replies(conversation: Conversation, texts: readonly string[]): Promise<ChatwootMessage[]>;
  message(id: number): ChatwootMessage;
  /** What the engine has sent to somebody, in order. */
  sentTo(sourceId: string): Message[];
  rowsOf(messageId: number): Promise<BridgeReply[]>;
  /** Until every part of a message has this state. */
  settled(messageId: number, state: BridgeReply['state']): Promise<BridgeReply[]>;
  /** Stops the bridge that the fixture began with. */
  stopBridge(): Promise<void>;
  /** Another bridge on the same database, in this process; with `webhooks` it listens where Chatwoot sends them. */
  startBridge(options?: { webhooks?: boolean; timing?: Partial<ReplyTiming> }): Promise<{ stop(): Promise<void> }>;
  /** A bridge by its own entry file, to be killed. It listens where Chatwoot sends its webhooks. */
  startBridgeProcess(): ReturnType<typeof startProcess>;
  /** From now on the engine tells what it does; before, nobody hears it, but it is kept. */
  listenToEngine(): void;
  stop(): Promise<void>;
}

export interface FixtureOptions {
  readonly chatwoot?: ChatwootSimulatorOptions;
  readonly timing?: Partial<ReplyTiming>;
  /** How often inboxes are looked at. */
  readonly inboxLook?: Partial<BridgeTimeouts['inboxLook']>;
  /** Flags of the activation. */
  readonly flags?: Record<string, boolean>;
}

/** Everything between an agent in Chatwoot and a phone: both simulated, api, bridge and database real. */
export async function createRepliesFixture(options: FixtureOptions = {}): Promise<RepliesFixture> {
  const stops: (() => Promise<unknown>)[] = [];
  const engine = createWhatsappEngineSimulator({ token: ENGINE_TOKEN, retries: { delaysMs: [100] } });
  const { port: enginePort } = await engine.start();
  const engineProxy = await createFaultProxy({ target: { port: enginePort } });
  const harness = await createHarness('postgres', {
    ENGINE_URL: `http://127.0.0.1:${engineProxy.port}`,
    ENGINE_TOKEN,
  });
  const api = await harness.startApi();
  const apiProxy = await createFaultProxy({ target: { port: Number(new URL(api.url).port) } });
  const account = await harness.createAccount();
  const instance = await newInstance(api.url, account.token, INSTANCE);
  engine.state.addInstance({ name: INSTANCE, token: instance.token, ingestUrl: DEAF });

  const chatwoot = createChatwootSimulator(options.chatwoot);
  chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
  const adminToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
  const { url: chatwootUrl } = await chatwoot.start();

  const databaseUrl = new URL(harness.databaseUrl);
  const databaseProxy = await createFaultProxy({ target: { host: databaseUrl.hostname, port: Number(databaseUrl.port) } });
  databaseUrl.host = `${databaseProxy.host}:${databaseProxy.port}`;
  const bridgePort = await freePort();
  const bridgeUrl = `http://127.0.0.1:${bridgePort}`;
  const env = {
    BRIDGE_TOKEN,
    BRIDGE_DATABASE_URL: databaseUrl.href,
    BRIDGE_PUBLIC_URL: bridgeUrl,
    ENCRYPTION_KEYS: harness.env.ENCRYPTION_KEYS ?? '',
    CHATWOOT_ALLOW_PRIVATE_NETWORK: 'true',
    ENGINE_ALLOW_PRIVATE_NETWORK: 'true',
    LOG_LEVEL: 'debug',
  };
  const log: string[] = [];

  const startBridge: RepliesFixture['startBridge'] = async ({ webhooks = false, timing = {} } = {}) => {
    const port = webhooks ? bridgePort : await freePort();
    const config = readBridgeConfig({ ...env, BRIDGE_PORT: String(port) });
    const logger = pino({ level: 'debug' }, { write: (line: string) => log.push(line) });
    const timeouts = {
      ...BRIDGE_TIMEOUTS,
      replies: { ...QUICK, ...options.timing, ...timing },
      inboxLook: { ...BRIDGE_TIMEOUTS.inboxLook, ...options.inboxLook },
    };
    const bridge = createBridge({ config, logger, timeouts });
    await bridge.start();
    let stopped: Promise<void> | undefined;
    const stop = () => {
      stopped ??= bridge.stop();
      return stopped;
    };
    stops.push(stop);
    return { stop };
  };

  const startBridgeProcess: RepliesFixture['startBridgeProcess'] = async () => {
    const process = await startProcess({
      name: 'bridge',
      entry: 'bridge/main.ts',
      env: { ...env, BRIDGE_PORT: String(bridgePort) },
      readyWhen: async () => (await fetch(`${bridgeUrl}/readyz`, { signal: AbortSignal.timeout(1_000) })).ok,
    });
    stops.push(() => process.stop());
    return process;
  };

  const first = await startBridge({ webhooks: true });
  const activated = await fetch(`${bridgeUrl}/v1/integrations/activate`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${BRIDGE_TOKEN}`,
      'content-type': 'application/json',
      'idempotency-key': `act_${randomBytes(4).toString('hex')}`,
    },
    body: JSON.stringify({
      instance_id: instance.id,
      instance: INSTANCE,
      ryzeapi_url: `http://127.0.0.1:${apiProxy.port}`,
      chatwoot_base_url: chatwootUrl,
      chatwoot_account_id: ACCOUNT,
      chatwoot_api_token: adminToken,
      inbox_name: 'WhatsApp - Orion',
      sign_messages: false,
      ignore_groups: false,
      start_as_pending: false,
      reopen_resolved: true,
      deadline_at: new Date(Date.now() + 30_000).toISOString(),
      ...options.flags,
    }),
  });
  if (activated.status !== 201) throw new Error(`no activation: ${activated.status} ${await activated.text()}`);
  const { id: integrationId, inbox_id: inboxId } = (await activated.json()) as { id: string; inbox_id: number };
  const ask: RepliesFixture['askChatwoot'] = async (method, path, body) => {
    const response = await fetch(`${chatwootUrl}/api/v1/accounts/${ACCOUNT}${path}`, {
      method,
      headers: { 'api-access-token': adminToken, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as { id: number; payload: { contact: { id: number } } };
  };
  const { prisma } = harness;
  await recordIntegration(prisma, { instanceId: instance.id, integrationId, chatwootUrl });
  const rowsOf = (chatwootMessageId: number) =>
    prisma.bridgeReply.findMany({ where: { integrationId, chatwootMessageId }, orderBy: { part: 'asc' } });

  return {
    chatwoot,
    engine,
    engineProxy,
    apiProxy,
    databaseProxy,
    prisma,
    harness,
    api,
    bridgeUrl,
    integrationId,
    instance,
    inboxId,
    webhookPath: new URL(chatwoot.state.inboxes(ACCOUNT).find(({ id }) => id === inboxId)?.webhookUrl ?? '').pathname,
    log,
    async converse(sourceId, contact = {}) {
      const phone = /^\d{7,15}$/.test(sourceId) ? { phone_number: `+${sourceId}` } : {};
      const address = { inbox_id: inboxId, source_id: sourceId };
      const { payload } = await ask('POST', '/contacts', { name: 'Maria', ...address, ...phone, ...contact });
      const contactId = payload.contact.id;
      const { id } = await ask('POST', '/conversations', { inbox_id: inboxId, contact_id: contactId, source_id: sourceId });
      return { id, contactId, sourceId };
    },
    askChatwoot: ask,
    async givePhoneNumber({ contactId }, phoneNumber) {
      await ask('PUT', `/contacts/${contactId}`, { phone_number: phoneNumber });
    },
    reply: ({ id }, reply) => chatwoot.state.reply(ACCOUNT, id, typeof reply === 'string' ? { content: reply } : reply),
    async replies({ id }, texts) {
      const messages: ChatwootMessage[] = [];
      for (const content of texts) {
        const message = chatwoot.state.reply(ACCOUNT, id, { content });
        await waitFor(async () => (await rowsOf(message.id)).length > 0, { describe: `message ${message.id} being stored` });
        messages.push(message);
      }
      return messages;
    },
    message(id) {
      const found = chatwoot.state.messages(ACCOUNT).find((message) => message.id === id);
      if (!found) throw new Error(`there is no message ${id}`);
      return found;
    },
    sentTo: (sourceId) => engine.state.sent(INSTANCE).filter(({ chat }) => chat.jid.split('@')[0] === sourceId.split('@')[0]),
    rowsOf,
    async settled(messageId, state) {
      return waitFor(
        async () => {
          const rows = await rowsOf(messageId);
          return rows.length > 0 && rows.every((row) => row.state === state) ? rows : undefined;
        },
        { describe: `message ${messageId} being ${state}` },
      );
    },
    stopBridge: first.stop,
    startBridge,
    startBridgeProcess,
    listenToEngine() {
      const ingestUrl = `${api.url}/api/events/ingest/${INSTANCE}`;
      engine.state.addInstance({ name: INSTANCE, token: instance.token, ingestUrl });
    },
    async stop() {
      await Promise.all(stops.map((stop) => stop()));
      await chatwoot.stop();
      await Promise.all([apiProxy.stop(), engineProxy.stop(), databaseProxy.stop()]);
      await harness.stop();
      await engine.stop();
    },
  };
}

/** What the worker writes after an activation: the api keeps events only of instances that have an integration. */
async function recordIntegration(
  prisma: PrismaClient,
  { instanceId, integrationId, chatwootUrl }: { instanceId: string; integrationId: string; chatwootUrl: string },
): Promise<void> {
  await prisma.chatwootIntegration.create({
    data: {
      id: 'cwi_1',
      instanceId,
      bridgeIntegrationId: integrationId,
      chatwootBaseUrl: chatwootUrl,
      chatwootAccountId: ACCOUNT,
      chatwootToken: '',
      chatwootInboxName: 'WhatsApp - Orion',
      signMessages: false,
      ignoreGroups: false,
      startAsPending: false,
      reopenResolved: true,
      activationId: 'act_1',
    },
  });
}
