import { createKeyring } from '../../shared/encryption/keyring.ts';
import { parseKeys } from '../../shared/encryption/keys.ts';
import { deliveryAddress, openDeliveryKey } from '../../shared/engines/delivery-key.ts';
import { type EngineKind, engineOf } from '../../shared/engines/registry.ts';
import { FRESH_CONNECTION } from '../../shared/http/exchange.ts';
import { wishForEvents } from '../../shared/instances/webhook-wish.ts';
import type { ChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import type { EngineSimulator } from '../../simulators/engines/engine-simulator.ts';
import { call, createHarness, type Harness } from '../contract/api/harness.ts';
import {
  ACCOUNT,
  activate,
  type Contact,
  INSTANCE,
  type Message,
  PATIENCE_MS,
  startBridge,
  startChatwoot,
} from './relay-parts.ts';
import { waitFor } from './wait-for.ts';

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
  contactOf(message: Message): Contact;
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

  const seen = await startChatwoot();
  const { chatwoot } = seen;
  const bridge = await startBridge(harness, {
    replies: {
      ...{ holdBackMs: 30, pauses: { firstMs: 50, maxMs: 200 }, giveUpMs: 60_000, echoGraceMs: 400 },
      ...{ unsaidMs: 1_000, unsaidAgainMs: 50 },
    },
  });
  await activate({ harness, bridgeUrl: bridge.url, apiUrl, instanceId, chatwoot: seen });
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
  return {
    chatwoot,
    harness,
    log: () => harness.log() + bridge.log.join(''),
    arrived: (whatsappId) =>
      waitFor(() => seen.posted(whatsappId)[0], { describe: `${whatsappId} in Chatwoot`, timeoutMs: PATIENCE_MS }),
    message(id) {
      const found = messages().find((message) => message.id === id);
      if (!found) throw new Error(`there is no message ${id}`);
      return found;
    },
    messages,
    reply: (to, reply) => chatwoot.state.reply(ACCOUNT, seen.conversationOf(to).displayId, reply),
    contactOf: seen.contactOf,
    file: async (message) => (await seen.file(message)).bytes,
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
