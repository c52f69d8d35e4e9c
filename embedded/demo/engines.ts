import type { EngineKind } from '../../shared/engines/registry.ts';
import { createCloudSimulator } from '../../simulators/engines/cloud/index.ts';
import type { EngineSimulator } from '../../simulators/engines/engine-simulator.ts';
import { createEvolutionSimulator } from '../../simulators/engines/evolution/index.ts';
import { createGowaSimulator } from '../../simulators/engines/gowa/index.ts';
import { createWahaSimulator } from '../../simulators/engines/waha/index.ts';
import { createWhatsmeowSimulator } from '../../simulators/engines/whatsmeow/index.ts';
import type { Incoming } from '../../simulators/whatsapp-engine/content.ts';
import { createRyzeapiPhone } from './ryzeapi-phone.ts';

/** The WhatsApp API that the demo's instances are paired in, and WhatsApp itself behind it. */
export interface DemoEngine {
  readonly kind: EngineKind;
  start(): Promise<{ url: string }>;
  stop(): Promise<void>;
  url(): string;
  /** What Ponte is given in its environment. */
  environment(): Readonly<Record<string, string>>;
  /** Pairs a phone under this name. Answers the `engine` of `POST /api/instance/new`; undefined where it is the operator's own. */
  pair(name: string): object | undefined;
  /** How events get to Ponte: by the address that the owner writes down there, or Ponte sees to it itself. */
  readonly delivery: { readonly kind: 'by_hand'; connect(name: string, token: string, ingestUrl: string): void } | ToldByPonte;
  /** A customer writes. Answers the message's id. */
  receive(name: string, message: Incoming): string;
  /** The texts that went out to customers. */
  sent(name: string): readonly { readonly id: string; readonly text: string }[];
  /** The customer has read these. */
  read(name: string, ids: readonly string[]): void;
}

interface ToldByPonte {
  readonly kind: 'by_ponte';
  /** Where events go; undefined until Ponte has said so. */
  address(name: string): string | undefined;
}

const TOKEN = 'demo-engine-token';
const USER_AND_PASSWORD = 'demo:demo-engine-password';
const APP_SECRET = 'demo-app-secret';

const makers = {
  ryzeapi: (port: number) => createRyzeapiPhone(port, TOKEN),
  evolution: (port: number) => ofSimulator(createEvolutionSimulator({ port, token: TOKEN }), { kind: 'evolution', token: TOKEN }),
  cloud: (port: number) =>
    ofSimulator(createCloudSimulator({ port, token: TOKEN, appSecret: APP_SECRET }), {
      kind: 'cloud',
      token: TOKEN,
      secret: APP_SECRET,
      nameOf: phoneNumberIdOf,
    }),
  waha: (port: number) => ofSimulator(createWahaSimulator({ port, token: TOKEN }), { kind: 'waha', token: TOKEN }),
  wuzapi: (port: number) => ofSimulator(createWhatsmeowSimulator({ port, flavour: 'wuzapi' }), { kind: 'whatsmeow' }),
  'evolution-go': (port: number) =>
    ofSimulator(createWhatsmeowSimulator({ port, flavour: 'evolution-go' }), { kind: 'whatsmeow' }),
  gowa: (port: number) =>
    ofSimulator(createGowaSimulator({ port, token: USER_AND_PASSWORD }), { kind: 'gowa', token: USER_AND_PASSWORD }),
} as const satisfies Record<string, (port: number) => DemoEngine>;

export type DemoEngineName = keyof typeof makers;
export const DEFAULT_DEMO_ENGINE: DemoEngineName = 'ryzeapi';
export const isDemoEngineName = (name: string): name is DemoEngineName => Object.hasOwn(makers, name);
export const demoEngineNames: readonly DemoEngineName[] = Object.keys(makers).filter(isDemoEngineName);

export const createDemoEngine = (name: DemoEngineName, port: number): DemoEngine => makers[name](port);

/** An engine that Ponte itself tells where to deliver. Where there is no `token` for all, each instance has its own, and that names it. */
function ofSimulator(
  simulator: EngineSimulator,
  setup: { kind: EngineKind; token?: string; secret?: string; nameOf?: (name: string) => string },
): DemoEngine {
  const { kind, secret, nameOf = (name) => name } = setup;
  return {
    kind,
    start: simulator.start,
    stop: simulator.stop,
    url: simulator.url,
    environment: () => ({}),
    pair(name) {
      const there = nameOf(name);
      const { token } = simulator.addInstance({ name: there, ...(setup.token === undefined ? { token: `demo-${name}` } : {}) });
      const named = setup.token === undefined ? { token } : { token: setup.token, name: there };
      return { kind, url: simulator.url(), ...named, ...(secret === undefined ? {} : { secret }) };
    },
    delivery: { kind: 'by_ponte', address: (name) => simulator.webhookOf(nameOf(name)) },
    receive: (name, message) => simulator.receive(nameOf(name), message),
    sent: (name) => simulator.sent(nameOf(name)),
    read: (name, ids) => simulator.reportStatus(nameOf(name), ids, 'read'),
  };
}

/** In the Cloud API an instance is called by its phone number's id: digits that stand for the letters of a name, always the same. */
const phoneNumberIdOf = (name: string): string =>
  `10${[...name].map((letter) => String(letter.charCodeAt(0) % 100).padStart(2, '0')).join('')}`.padEnd(15, '0').slice(0, 15);
