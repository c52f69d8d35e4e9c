import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { createBridge } from '../../bridge/bridge.ts';
import { BRIDGE_TIMEOUTS, type BridgeTimeouts } from '../../bridge/timeouts.ts';
import { readBridgeConfig } from '../../shared/config/config.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { BridgeIntegration } from '../../shared/database/generated/client.ts';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { createWhatsappEngineSimulator, type WhatsappEngineSimulator } from '../../simulators/whatsapp-engine/index.ts';
import { BRIDGE_TOKEN, createHarness, type Harness, newInstance, type RunningApi } from '../contract/api/harness.ts';
import { changeIsRead } from './lease-turns.ts';
import { freePort } from './ports.ts';
import { QUICK_BRIDGE } from './quick-times.ts';
import { waitFor } from './wait-for.ts';

export const ACCOUNT = 5;
export const INSTANCE = 'suporte';

type Incoming = Parameters<WhatsappEngineSimulator['state']['receive']>[1];
type Typed = Parameters<WhatsappEngineSimulator['state']['typeOnPhone']>[1];
export type Message = ReturnType<ChatwootSimulator['state']['messages']>[number];
export type Conversation = ReturnType<ChatwootSimulator['state']['conversations']>[number];

export interface RelayFixture {
  readonly chatwoot: ChatwootSimulator;
  readonly engine: WhatsappEngineSimulator;
  readonly harness: Harness;
  readonly api: RunningApi;
  readonly bridgeUrl: string;
  readonly prisma: PrismaClient;
  readonly integrationId: string;
  readonly instanceId: string;
  readonly inboxId: number;
  readonly adminToken: string;
  /** Everything the bridge logged. */
  readonly log: string[];
  /** Somebody writes; answers the id in WhatsApp. */
  receive(message: Incoming): string;
  /** The owner of the number writes on the phone. */
  type(message: Typed): string;
  /** Sends an event to the api as the engine would, in whatever shape. */
  ingest(event: string, data: Record<string, unknown>): Promise<void>;
  /** The message in Chatwoot that a message of WhatsApp became, as soon as it is there. */
  arrived(whatsappId: string): Promise<Message>;
  /** Everything that came of it so far. */
  posted(whatsappId: string): Message[];
  conversationOf(message: Message): Conversation;
  contactOf(message: Message): ReturnType<ChatwootSimulator['state']['contacts']>[number];
  /** Until the engine has delivered everything and every event is acknowledged. */
  settled(): Promise<void>;
  integration(): Promise<BridgeIntegration>;
  /** Changes settings as a second activation does. */
  change(values: Partial<BridgeIntegration>): Promise<void>;
  /** Bytes and type of an attachment, downloaded from Chatwoot. */
  file(message: Message, index?: number): Promise<{ bytes: Buffer; contentType: string }>;
  /** Ends the bridge, and starts another one. */
  restartBridge(): Promise<void>;
  stop(): Promise<void>;
}

/** On a machine that has much else to do. */
const PATIENCE_MS = 25_000;
/** What a test cannot wait for, shortened. */
const TIMEOUTS: BridgeTimeouts = {
  ...BRIDGE_TIMEOUTS,
  leases: QUICK_BRIDGE.leases,
  relayPauses: { firstMs: 40, maxMs: 300 },
  takesEffectWithinMs: 2_000,
};

interface RelaySetup {
  readonly flags?: Partial<BridgeIntegration>;
  /** Of Chatwoot; the latest that is known where none is given. */
  readonly release?: string;
  readonly timeouts?: Partial<BridgeTimeouts>;
}

/** Everything between a phone and an agent in Chatwoot: both simulated, api, bridge and database real. */
export async function createRelayFixture({ flags = {}, release, timeouts = {} }: RelaySetup = {}): Promise<RelayFixture> {
  const engine = createWhatsappEngineSimulator({ token: 'engine-account-token', retries: { delaysMs: [50, 100, 200] } });
  const { url: engineUrl } = await engine.start();
  const harness = await createHarness('postgres', { ENGINE_URL: engineUrl, ENGINE_TOKEN: 'engine-account-token' });
  const api = await harness.startApi();
  const { prisma } = harness;
  const account = await harness.createAccount();
  const instance = await newInstance(api.url, account.token, INSTANCE);
  engine.state.addInstance({ name: INSTANCE, token: instance.token, ingestUrl: `${api.url}/api/events/ingest/${INSTANCE}` });
  engine.state.configure(INSTANCE, { mediaBase64: true });

  const chatwoot = createChatwootSimulator(release === undefined ? {} : { version: release });
  chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
  const adminToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
  const { url: chatwootUrl } = await chatwoot.start();

  const log: string[] = [];
  const port = await freePort();
  const bridgeUrl = `http://127.0.0.1:${port}`;
  const config = readBridgeConfig({
    BRIDGE_TOKEN,
    BRIDGE_PORT: String(port),
    BRIDGE_DATABASE_URL: harness.databaseUrl,
    BRIDGE_PUBLIC_URL: bridgeUrl,
    ENCRYPTION_KEYS: harness.env.ENCRYPTION_KEYS,
    CHATWOOT_ALLOW_PRIVATE_NETWORK: 'true',
    ENGINE_ALLOW_PRIVATE_NETWORK: 'true',
    LOG_LEVEL: 'debug',
  });
  const logger = pino({ level: 'debug' }, { write: (line: string) => log.push(line) });
  const startBridge = async () => {
    const next = createBridge({ config, logger, timeouts: { ...TIMEOUTS, ...timeouts } });
    await next.start();
    return next;
  };
  let bridge = await startBridge();
  const { id: integrationId, inbox_id: inboxId } = await activate(bridgeUrl, {
    instance_id: instance.id,
    ryzeapi_url: api.url,
    chatwoot_base_url: chatwootUrl,
    chatwoot_api_token: adminToken,
    flags,
  });
  await prisma.chatwootIntegration.create({
    data: {
      id: 'cwi_1',
      instanceId: instance.id,
      bridgeIntegrationId: integrationId,
      chatwootBaseUrl: chatwootUrl,
      chatwootAccountId: ACCOUNT,
      chatwootToken: '',
      chatwootInboxName: 'WhatsApp',
      signMessages: false,
      ignoreGroups: false,
      startAsPending: false,
      reopenResolved: true,
      activationId: 'act_1',
    },
  });

  const posted = (whatsappId: string) =>
    chatwoot.state.messages(ACCOUNT).filter(({ sourceId }) => sourceId === `WAID:${whatsappId}`);
  const integration = () => prisma.bridgeIntegration.findUniqueOrThrow({ where: { id: integrationId } });

  return {
    chatwoot,
    engine,
    harness,
    api,
    bridgeUrl,
    prisma,
    integrationId,
    instanceId: instance.id,
    inboxId,
    adminToken,
    log,
    receive: (message) => engine.state.receive(INSTANCE, message).id,
    type: (message) => engine.state.typeOnPhone(INSTANCE, message).id,
    async ingest(event, data) {
      const response = await fetch(`${api.url}/api/events/ingest/${INSTANCE}`, {
        method: 'POST',
        headers: { token: instance.token, 'content-type': 'application/json' },
        body: JSON.stringify({ event, data }),
      });
      if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    },
    arrived: (whatsappId) =>
      waitFor(() => posted(whatsappId)[0], { describe: `${whatsappId} in Chatwoot`, timeoutMs: PATIENCE_MS }),
    posted,
    conversationOf(message) {
      const found = chatwoot.state.conversations(ACCOUNT).find(({ id }) => id === message.conversationId);
      if (!found) throw new Error('the conversation is gone');
      return found;
    },
    contactOf(message) {
      const conversation = chatwoot.state.conversations(ACCOUNT).find(({ id }) => id === message.conversationId);
      const found = chatwoot.state.contacts(ACCOUNT).find(({ id }) => id === conversation?.contactId);
      if (!found) throw new Error('the contact is gone');
      return found;
    },
    async settled() {
      await engine.state.idle(PATIENCE_MS);
      await waitFor(async () => (await prisma.engineEvent.count({ where: { ackedAt: null } })) === 0, {
        describe: 'every event being acknowledged',
        timeoutMs: PATIENCE_MS,
      });
    },
    integration,
    async change(values) {
      await prisma.bridgeIntegration.update({ where: { id: integrationId }, data: values });
      await changeIsRead(prisma, integrationId);
    },
    async file(message, index = 0) {
      const attachment = message.attachments[index];
      if (!attachment) throw new Error('there is no such attachment');
      const response = await fetch(
        `${chatwoot.url()}/rails/active_storage/blobs/redirect/${attachment.blobKey}/${encodeURIComponent(attachment.filename)}`,
      );
      return { bytes: Buffer.from(await response.arrayBuffer()), contentType: attachment.contentType };
    },
    async restartBridge() {
      await bridge.stop();
      bridge = await startBridge();
    },
    async stop() {
      chatwoot.faults.clear();
      await bridge.stop();
      await Promise.all([chatwoot.stop(), engine.stop()]);
      await harness.stop();
    },
  };
}

async function activate(
  bridgeUrl: string,
  { flags, ...values }: { flags: Partial<BridgeIntegration> } & Record<string, unknown>,
): Promise<{ id: string; inbox_id: number }> {
  const response = await fetch(`${bridgeUrl}/v1/integrations/activate`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${BRIDGE_TOKEN}`,
      'content-type': 'application/json',
      'idempotency-key': `act_${randomBytes(4).toString('hex')}`,
    },
    body: JSON.stringify({
      instance: INSTANCE,
      chatwoot_account_id: ACCOUNT,
      inbox_name: 'WhatsApp',
      sign_messages: false,
      ignore_groups: flags.ignoreGroups ?? false,
      start_as_pending: flags.startAsPending ?? false,
      reopen_resolved: flags.reopenResolved ?? true,
      deadline_at: new Date(Date.now() + 30_000).toISOString(),
      ...values,
    }),
  });
  if (response.status !== 201) throw new Error(`no activation: ${response.status} ${await response.text()}`);
  // The bridge's own answer, whose shape its tests hold.
  return (await response.json()) as { id: string; inbox_id: number };
}
