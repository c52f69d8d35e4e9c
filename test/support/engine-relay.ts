import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { createBridge } from '../../bridge/bridge.ts';
import { BRIDGE_TIMEOUTS } from '../../bridge/timeouts.ts';
import { readBridgeConfig } from '../../shared/config/config.ts';
import { createKeyring } from '../../shared/encryption/keyring.ts';
import { parseKeys } from '../../shared/encryption/keys.ts';
import { deliveryAddress, openDeliveryKey } from '../../shared/engines/delivery-key.ts';
import { type EngineKind, engineOf } from '../../shared/engines/registry.ts';
import { FRESH_CONNECTION } from '../../shared/http/exchange.ts';
import { wishForEvents } from '../../shared/instances/webhook-wish.ts';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import type { EngineSimulator } from '../../simulators/engines/engine-simulator.ts';
import { BRIDGE_TOKEN, call, createHarness, type Harness } from '../contract/api/harness.ts';
import { freePort } from './ports.ts';
import { waitFor } from './wait-for.ts';

const ACCOUNT = 5;
const INSTANCE = 'suporte';
/** On a machine that has much else to do. */
const PATIENCE_MS = 25_000;

type Message = ReturnType<ChatwootSimulator['state']['messages']>[number];
type AgentReply = Parameters<ChatwootSimulator['state']['reply']>[2];

/** Which engine an instance is paired in, and what it is called there. */
export interface PairedEngine {
  readonly kind: EngineKind;
  readonly simulator: EngineSimulator;
  readonly name: string;
  readonly token: string;
  readonly secret?: string;
}

export interface EngineRelay {
  readonly chatwoot: ChatwootSimulator;
  readonly harness: Harness;
  /** Everything api and bridge logged. */
  log(): string;
  /** What a message of WhatsApp became in Chatwoot, as soon as it is there. */
  arrived(whatsappId: string): Promise<Message>;
  message(id: number): Message;
  messages(): readonly Message[];
  /** An agent answers in the conversation of a message. */
  reply(to: Message, reply: AgentReply): Message;
  contactOf(message: Message): { readonly name: string; readonly phoneNumber: string | null };
  /** The first file of a message, as Chatwoot has it. */
  file(message: Message): Promise<Buffer>;
  /** Does something while the api is not there. */
  apiAway(work: () => Promise<void>): Promise<void>;
  /** Until every event that was delivered is acknowledged. */
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/** Everything between an engine and an agent: engine and Chatwoot simulated, api, bridge and database real; events come to the door of engines. */
export async function createEngineRelay({ kind, simulator, name, token, secret }: PairedEngine): Promise<EngineRelay> {
  const { url: engineUrl } = await simulator.start();
  const harness = await createHarness('postgres');
  let api = await harness.startApi();
  const apiUrl = api.url;
  const { prisma } = harness;
  const account = await harness.createAccount();
  const created = await call(apiUrl, 'POST', '/api/instance/new', {
    token: account.token,
    body: {
      name: INSTANCE,
      engine: {
        kind,
        url: engineUrl,
        token,
        // Where the token alone says whose it is, there is no name.
        ...(engineOf(kind).setup.nameIs === undefined ? {} : { name }),
        ...(secret === undefined ? {} : { secret }),
      },
    },
  });
  if (created.status !== 201) throw new Error(`no instance: ${created.status} ${JSON.stringify(created.body)}`);
  const instanceId: string = created.body.instance.id;

  const chatwoot = createChatwootSimulator();
  chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
  const adminToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
  const { url: chatwootUrl } = await chatwoot.start();

  const lines: string[] = [];
  const port = await freePort();
  const bridgeUrl = `http://127.0.0.1:${port}`;
  const bridge = createBridge({
    config: readBridgeConfig({
      BRIDGE_TOKEN,
      BRIDGE_PORT: String(port),
      BRIDGE_DATABASE_URL: harness.databaseUrl,
      BRIDGE_PUBLIC_URL: bridgeUrl,
      ENCRYPTION_KEYS: harness.env.ENCRYPTION_KEYS,
      CHATWOOT_ALLOW_PRIVATE_NETWORK: 'true',
      ENGINE_ALLOW_PRIVATE_NETWORK: 'true',
      LOG_LEVEL: 'debug',
    }),
    logger: pino({ level: 'debug' }, { write: (line: string) => lines.push(line) }),
    timeouts: {
      ...BRIDGE_TIMEOUTS,
      relayPauses: { firstMs: 40, maxMs: 300 },
      replies: { holdBackMs: 30, pauses: { firstMs: 50, maxMs: 200 }, giveUpMs: 60_000, echoGraceMs: 400 },
    },
  });
  await bridge.start();
  const activated = await call(bridgeUrl, 'POST', '/v1/integrations/activate', {
    headers: { authorization: `Bearer ${BRIDGE_TOKEN}`, 'idempotency-key': `act_${randomBytes(4).toString('hex')}` },
    body: {
      instance_id: instanceId,
      instance: INSTANCE,
      ryzeapi_url: apiUrl,
      chatwoot_base_url: chatwootUrl,
      chatwoot_account_id: ACCOUNT,
      chatwoot_api_token: adminToken,
      inbox_name: 'WhatsApp',
      sign_messages: false,
      ignore_groups: false,
      start_as_pending: false,
      reopen_resolved: true,
      deadline_at: new Date(Date.now() + 30_000).toISOString(),
    },
  });
  if (activated.status !== 201) throw new Error(`no activation: ${activated.status} ${JSON.stringify(activated.body)}`);
  await prisma.chatwootIntegration.create({
    data: {
      id: 'cwi_1',
      instanceId,
      bridgeIntegrationId: activated.body.id,
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
  await setWebhook();

  /** What the worker does after an activation. */
  async function setWebhook(): Promise<void> {
    const parsed = parseKeys(harness.env.ENCRYPTION_KEYS ?? '');
    if ('fault' in parsed) throw new Error(parsed.fault);
    const keyring = createKeyring(parsed.keys);
    await prisma.$transaction((tx) => wishForEvents(tx, keyring, instanceId));
    const { deliveryKey } = await prisma.instance.findUniqueOrThrow({ where: { id: instanceId } });
    const delivery = openDeliveryKey(keyring, instanceId, deliveryKey ?? '');
    const done = await engineOf(kind).webhook?.set({
      access: { url: engineUrl, token, secret, route: FRESH_CONNECTION },
      instance: name,
      timeoutMs: 10_000,
      address: deliveryAddress(apiUrl, delivery),
      secret: delivery.proof,
    });
    if (done?.kind !== 'done') throw done?.error ?? new Error('the engine has no webhook');
  }

  const messages = () => chatwoot.state.messages(ACCOUNT);
  const conversationOf = (message: Message) => {
    const found = chatwoot.state.conversations(ACCOUNT).find(({ id }) => id === message.conversationId);
    if (!found) throw new Error('the conversation is gone');
    return found;
  };
  return {
    chatwoot,
    harness,
    log: () => harness.log() + lines.join(''),
    arrived: (whatsappId) =>
      waitFor(() => messages().find(({ sourceId }) => sourceId === `WAID:${whatsappId}`), {
        describe: `${whatsappId} in Chatwoot`,
        timeoutMs: PATIENCE_MS,
      }),
    message(id) {
      const found = messages().find((message) => message.id === id);
      if (!found) throw new Error(`there is no message ${id}`);
      return found;
    },
    messages,
    reply: (to, reply) => chatwoot.state.reply(ACCOUNT, conversationOf(to).displayId, reply),
    contactOf(message) {
      const found = chatwoot.state.contacts(ACCOUNT).find(({ id }) => id === conversationOf(message).contactId);
      if (!found) throw new Error('the contact is gone');
      return found;
    },
    async file({ attachments: [attachment] }) {
      if (!attachment) throw new Error('there is no attachment');
      const path = `/rails/active_storage/blobs/redirect/${attachment.blobKey}/${encodeURIComponent(attachment.filename)}`;
      return Buffer.from(await (await fetch(`${chatwoot.url()}${path}`)).arrayBuffer());
    },
    async apiAway(work) {
      await api.stop();
      await work();
      api = await harness.startApi({ PORT: new URL(apiUrl).port });
    },
    async settled() {
      await waitFor(() => simulator.pending() === 0, { describe: 'every event being delivered', timeoutMs: PATIENCE_MS });
      await waitFor(async () => (await prisma.engineEvent.count({ where: { ackedAt: null } })) === 0, {
        describe: 'every event being acknowledged',
        timeoutMs: PATIENCE_MS,
      });
    },
    async stop() {
      await bridge.stop();
      await Promise.all([chatwoot.stop(), simulator.stop()]);
      await harness.stop();
    },
  };
}
