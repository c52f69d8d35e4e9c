import type { BridgeTimeouts } from '../../bridge/timeouts.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { BridgeIntegration } from '../../shared/database/generated/client.ts';
import type { ChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { createWhatsappEngineSimulator, type WhatsappEngineSimulator } from '../../simulators/whatsapp-engine/index.ts';
import { createHarness, type Harness, newInstance, type RunningApi } from '../contract/api/harness.ts';
import { changeIsRead } from './lease-turns.ts';
import { QUICK_BRIDGE } from './quick-times.ts';
import {
  activate,
  type Contact,
  type Conversation,
  INSTANCE,
  type Message,
  PATIENCE_MS,
  startBridge,
  startChatwoot,
} from './relay-parts.ts';
import { waitFor } from './wait-for.ts';

export { ACCOUNT, type Conversation, INSTANCE, type Message } from './relay-parts.ts';

type Incoming = Parameters<WhatsappEngineSimulator['state']['receive']>[1];
type Typed = Parameters<WhatsappEngineSimulator['state']['typeOnPhone']>[1];

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
  contactOf(message: Message): Contact;
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

/** What a test cannot wait for, shortened. */
const TIMEOUTS: Partial<BridgeTimeouts> = { leases: QUICK_BRIDGE.leases, takesEffectWithinMs: 2_000 };

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
  // A machine that is busy with other things may keep the first connection from being there in time.
  const instance = await waitFor(() => newInstance(api.url, account.token, INSTANCE), { describe: 'the instance' });
  engine.state.addInstance({ name: INSTANCE, token: instance.token, ingestUrl: `${api.url}/api/events/ingest/${INSTANCE}` });
  engine.state.configure(INSTANCE, { mediaBase64: true });

  const seen = await startChatwoot(release);
  const { chatwoot, adminToken, conversationOf, contactOf, posted } = seen;
  const bridge = await startBridge(harness, { ...TIMEOUTS, ...timeouts });
  const activated = { harness, bridgeUrl: bridge.url, apiUrl: api.url, instanceId: instance.id, chatwoot: seen, flags };
  const { integrationId, inboxId } = await activate(activated);
  const integration = () => prisma.bridgeIntegration.findUniqueOrThrow({ where: { id: integrationId } });

  return {
    chatwoot,
    engine,
    harness,
    api,
    bridgeUrl: bridge.url,
    prisma,
    integrationId,
    instanceId: instance.id,
    inboxId,
    adminToken,
    log: bridge.log,
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
    conversationOf,
    contactOf,
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
    file: seen.file,
    restartBridge: bridge.restart,
    async stop() {
      chatwoot.faults.clear();
      await bridge.stop();
      await Promise.all([chatwoot.stop(), engine.stop()]);
      await harness.stop();
    },
  };
}
