import type { EngineKind } from '../../../shared/engines/registry.ts';
import { createCloudSimulator } from '../../../simulators/engines/cloud/index.ts';
import type { EngineSimulator, SentMessage } from '../../../simulators/engines/engine-simulator.ts';
import { createEvolutionSimulator } from '../../../simulators/engines/evolution/index.ts';
import { createGowaSimulator } from '../../../simulators/engines/gowa/index.ts';
import { createWahaSimulator } from '../../../simulators/engines/waha/index.ts';
import { createWhatsmeowSimulator } from '../../../simulators/engines/whatsmeow/index.ts';
import { createWhatsappEngineSimulator } from '../../../simulators/whatsapp-engine/index.ts';
import type { Chat } from './steps.ts';

/** What the model asks of every engine alike. */
type Played = Pick<
  EngineSimulator,
  'start' | 'stop' | 'receive' | 'typeOnPhone' | 'sent' | 'repeat' | 'pending' | 'dropped' | 'faults'
>;

/** Where and what an instance is in Ponte, as soon as it is there. */
interface NewInstance {
  readonly name: string;
  readonly token: string;
  readonly ingestUrl: string;
}

/** An engine that instances of the model are paired in, and what tells it from the others. */
export interface ModelEngine {
  readonly simulated: Played;
  /** What an instance of Ponte is called there. */
  nameOf(instance: string): string;
  /** Makes an instance there. Answers the `engine` of `POST /api/instance/new`; undefined: the one of the environment. */
  add(name: string, url: string): Readonly<Record<string, unknown>> | undefined;
  /** What is left to do when Ponte has the instance. */
  paired(name: string, instance: NewInstance): void;
  /** Whether its events find us. */
  isReady(name: string): boolean;
  /** Delivers one event at a time: then Chatwoot has messages as they were written, else as they were taken. */
  readonly keepsOrder: boolean;
  /** Requests by which a reply is sent. */
  readonly sending: RegExp;
  /** Whether it deletes what an agent has deleted; else the agent is told that it does not. */
  readonly deletes: boolean;
  /** The last thing that it tells of a message that was sent. */
  tickOf(chat: Chat): string;
}

export const ENGINE_TOKEN = 'engine-account-token';
const GOWA_TOKEN = 'user:password';
const APP_SECRET = 'app-secret-of-the-model';

const tickOf = (chat: Chat): string => (chat === 'group' ? 'delivered' : 'read');

function ryzeapi(): ModelEngine {
  const engine = createWhatsappEngineSimulator({ token: ENGINE_TOKEN, retries: { delaysMs: [50, 100, 200, 400] } });
  const { state } = engine;
  return {
    simulated: {
      start: engine.start,
      stop: engine.stop,
      faults: engine.faults,
      receive: (name, message) => state.receive(name, message).id,
      typeOnPhone: (name, message) => state.typeOnPhone(name, message).id,
      sent: (name) =>
        state.sent(name).map(({ id, chat, content }): SentMessage => {
          const [type, text] = content.type === 'text' ? (['text', content.text] as const) : (['other', content.type] as const);
          return { id, to: chat.jid, type, text, bytes: 0 };
        }),
      repeat(howFarBack = 0) {
        const told = state.deliveries();
        const delivery = told.at(-1 - Math.floor(howFarBack * told.length));
        if (delivery !== undefined) state.redeliver(delivery.id);
      },
      pending: state.pendingDeliveries,
      dropped: () => 0,
    },
    nameOf: (instance) => instance,
    add: () => undefined,
    paired: (name, { token, ingestUrl }) => void state.addInstance({ name, token, ingestUrl, settings: { mediaBase64: true } }),
    isReady: () => true,
    keepsOrder: true,
    sending: /\/api\/message\//,
    deletes: false,
    tickOf,
  };
}

/** What has a webhook that Ponte sets. */
function withWebhook(values: {
  readonly kind: EngineKind;
  readonly simulator: EngineSimulator;
  readonly sending: RegExp;
  readonly token?: string;
  readonly secret?: string;
  readonly nameOf?: (instance: string) => string;
  /** Whether the token says whose it is, and there is no name. */
  readonly isNameless?: boolean;
  readonly deletes?: boolean;
  readonly tickOf?: (chat: Chat) => string;
}): ModelEngine {
  const { kind, simulator, isNameless = false, secret } = values;
  return {
    simulated: simulator,
    nameOf: values.nameOf ?? ((instance) => instance),
    add(name, url) {
      const token = isNameless ? `token-of-${name}` : (values.token ?? ENGINE_TOKEN);
      simulator.addInstance({ name, token, number: `55119${name.replace(/\D/g, '').slice(-8).padStart(8, '0')}` });
      return { kind, url, token, ...(isNameless ? {} : { name }), ...(secret === undefined ? {} : { secret }) };
    },
    paired: () => {},
    isReady: (name) => simulator.webhookOf(name) !== undefined,
    keepsOrder: false,
    sending: values.sending,
    deletes: values.deletes ?? true,
    tickOf: values.tickOf ?? tickOf,
  };
}

const evolution = (layout: '2.2' | '2.3' | '2.4') => (): ModelEngine =>
  withWebhook({
    kind: 'evolution',
    simulator: createEvolutionSimulator({
      token: ENGINE_TOKEN,
      layout,
      retries: { delaysMs: [100, 200, 400, 800, 1_600, 3_200] },
      statuses: ['DELIVERY_ACK', 'READ'],
    }),
    sending: /\/message\/send/,
  });

function cloud(): ModelEngine {
  const simulator = createCloudSimulator({
    token: ENGINE_TOKEN,
    appSecret: APP_SECRET,
    batches: { doubleEvery: 3, disorder: true },
    retries: { delaysMs: [50, 100, 200, 400] },
    statuses: ['sent', 'delivered', 'read'],
    windowMs: Number.POSITIVE_INFINITY,
  });
  return withWebhook({
    kind: 'cloud',
    simulator,
    secret: APP_SECRET,
    nameOf: (instance) => `1${instance.replace(/\D/g, '').padStart(14, '0')}`,
    sending: /\/messages$/,
    deletes: false,
  });
}

const waha = (engine: 'NOWEB' | 'GOWS' | 'WEBJS') => (): ModelEngine =>
  withWebhook({
    kind: 'waha',
    simulator: createWahaSimulator({
      engine,
      token: ENGINE_TOKEN,
      secondMs: 50,
      restartMs: 50,
      patienceMs: 500,
      fileDelayMs: 20,
      acks: [1, 2, 3],
    }),
    sending: /\/api\/send(?:Text|Image|File|Voice|Video)$/,
    // whatsmeow tells of no receipts in groups.
    tickOf: (chat) => (engine === 'GOWS' && chat === 'group' ? 'sent' : tickOf(chat)),
  });

const whatsmeow = (flavour: 'wuzapi' | 'evolution-go') => (): ModelEngine =>
  withWebhook({
    kind: 'whatsmeow',
    simulator: createWhatsmeowSimulator({ flavour, token: ENGINE_TOKEN, secondMs: 40, receipts: ['delivered', 'read'] }),
    isNameless: true,
    sending: flavour === 'wuzapi' ? /\/chat\/send\// : /\/send\//,
  });

const gowa = (): ModelEngine =>
  withWebhook({
    kind: 'gowa',
    simulator: createGowaSimulator({ token: GOWA_TOKEN, secondMs: 1_000, receipts: ['delivered', 'read'] }),
    token: GOWA_TOKEN,
    sending: /\/send\/(?:message|image|video|audio|file)$/,
  });

const MAKERS = {
  ryzeapi,
  'evolution 2.2': evolution('2.2'),
  'evolution 2.3': evolution('2.3'),
  'evolution 2.4': evolution('2.4'),
  cloud,
  'waha NOWEB': waha('NOWEB'),
  'waha GOWS': waha('GOWS'),
  'waha WEBJS': waha('WEBJS'),
  wuzapi: whatsmeow('wuzapi'),
  'evolution-go': whatsmeow('evolution-go'),
  gowa,
} satisfies Record<string, () => ModelEngine>;

export type EngineName = keyof typeof MAKERS;

/** The engines, and of each the ways in which it may look: one of them is as good as another, until one is not. */
export const ENGINES: Readonly<Record<string, readonly EngineName[]>> = {
  ryzeapi: ['ryzeapi'],
  evolution: ['evolution 2.2', 'evolution 2.3', 'evolution 2.4'],
  cloud: ['cloud'],
  waha: ['waha NOWEB', 'waha GOWS', 'waha WEBJS'],
  wuzapi: ['wuzapi'],
  'evolution-go': ['evolution-go'],
  gowa: ['gowa'],
};

/** Engines as they are needed, each once. */
export function createEngines() {
  const running = new Map<EngineName, Promise<{ readonly engine: ModelEngine; readonly url: string }>>();
  const all = () => Promise.all(running.values());

  async function start(name: EngineName): Promise<{ engine: ModelEngine; url: string }> {
    const engine = MAKERS[name]();
    return { engine, url: (await engine.simulated.start()).url };
  }

  return {
    named(name: EngineName): Promise<{ readonly engine: ModelEngine; readonly url: string }> {
      const found = running.get(name) ?? start(name);
      running.set(name, found);
      return found;
    },
    async each(work: (simulated: Played) => void): Promise<void> {
      for (const { engine } of await all()) work(engine.simulated);
    },
    async stop(): Promise<void> {
      await Promise.all((await all()).map(({ engine }) => engine.simulated.stop()));
    },
  };
}
export type Engines = ReturnType<typeof createEngines>;
