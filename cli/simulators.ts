import { Command, Option } from 'commander';
import { closeOnSignal } from '../shared/close-on-signal.ts';
import { createChatwootSimulator } from '../simulators/chatwoot/index.ts';
import { createCloudSimulator } from '../simulators/engines/cloud/index.ts';
import { createEvolutionSimulator } from '../simulators/engines/evolution/index.ts';
import { createGowaSimulator } from '../simulators/engines/gowa/index.ts';
import { createWahaSimulator } from '../simulators/engines/waha/index.ts';
import { createWhatsmeowSimulator } from '../simulators/engines/whatsmeow/index.ts';
import { createWhatsappEngineSimulator } from '../simulators/whatsapp-engine/index.ts';
import { stopWithNpm } from './parent-watch.ts';

const ACCOUNT = 1;
const INSTANCE = 'suporte';
const TOKEN = 'engine-token';

/** What a simulated WhatsApp API is, whichever it is, to whoever starts it here. */
interface Engine {
  start(): Promise<{ url: string }>;
  stop(): Promise<void>;
  addInstance(name: string): void;
}

interface Kind {
  /** As `engine.kind` of an instance names it. */
  readonly kind: string;
  readonly create: (port: number) => Engine;
}

/** Of those that are all alike. */
const alike = (simulator: { addInstance(instance: { name: string }): unknown } & Pick<Engine, 'start' | 'stop'>): Engine => ({
  start: () => simulator.start(),
  stop: () => simulator.stop(),
  addInstance: (name) => void simulator.addInstance({ name }),
});

const kinds: Readonly<Record<string, Kind>> = {
  evolution: { kind: 'evolution', create: (port) => alike(createEvolutionSimulator({ port, token: TOKEN })) },
  waha: { kind: 'waha', create: (port) => alike(createWahaSimulator({ port, token: TOKEN })) },
  wuzapi: { kind: 'whatsmeow', create: (port) => alike(createWhatsmeowSimulator({ port, token: TOKEN, flavour: 'wuzapi' })) },
  'evolution-go': {
    kind: 'whatsmeow',
    create: (port) => alike(createWhatsmeowSimulator({ port, token: TOKEN, flavour: 'evolution-go' })),
  },
  gowa: { kind: 'gowa', create: (port) => alike(createGowaSimulator({ port, token: `ponte:${TOKEN}` })) },
  cloud: { kind: 'cloud', create: (port) => alike(createCloudSimulator({ port, token: TOKEN })) },
  ryzeapi: {
    kind: 'ryzeapi',
    create: (port) => {
      const simulator = createWhatsappEngineSimulator({ port, token: TOKEN });
      // Its instances deliver with the TokenInstance of Ponte, which is known only once there is one.
      return { start: () => simulator.start(), stop: () => simulator.stop(), addInstance: () => {} };
    },
  },
};

async function simulate(options: {
  engine: string;
  chatwootPort: string;
  enginePort: string;
  chatwootVersion: string;
}): Promise<void> {
  stopWithNpm();
  const { kind, create } = kinds[options.engine] ?? kinds.evolution ?? unknownKind();
  const chatwoot = createChatwootSimulator({ port: Number(options.chatwootPort), version: options.chatwootVersion });
  const engine = create(Number(options.enginePort));
  closeOnSignal({ delayMs: 10_000 }, async () => void (await Promise.all([chatwoot.stop(), engine.stop()])));
  chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
  const token = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
  const [chatwootAt, engineAt] = [await chatwoot.start(), await engine.start()];
  engine.addInstance(INSTANCE);

  const ask = (method: string, path: string, body: unknown): string =>
    `curl -X ${method} ${engineAt.url}${path} -H 'content-type: application/json' \\\n    -d '${JSON.stringify(body)}'`;
  const message = { from: { phone: '5511999990001', name: 'Maria' }, content: { type: 'text', text: 'Oi' } };
  process.stdout.write(`
Simulated Chatwoot ${options.chatwootVersion}   ${chatwootAt.url}   account ${ACCOUNT}, access token ${token}
  what is in it: ${chatwootAt.url}/__sim/
Simulated WhatsApp API (${options.engine})   ${engineAt.url}   engine kind ${kind}, token ${TOKEN}, instance ${INSTANCE}

Have Ponte beside it reach both, and be reached by them:

  CHATWOOT_ALLOW_PRIVATE_NETWORK=true ENGINE_ALLOW_PRIVATE_NETWORK=true npm start
${kind === 'ryzeapi' ? `\nHave it deliver to an instance of Ponte:\n\n  ${ask('POST', '/__sim/instances', { name: INSTANCE, token: '<TokenInstance>', ingestUrl: `http://127.0.0.1:3000/api/events/ingest/${INSTANCE}` })}\n` : ''}
Have somebody write to the number:

  ${ask('POST', `/__sim/instances/${INSTANCE}/receive`, message)}

Both forget everything when they end: Ctrl-C.
`);
}

function unknownKind(): never {
  throw new Error('the simulators have no such kind');
}

/** `ponte simulators` */
export const createSimulatorsCommand = (): Command =>
  new Command('simulators')
    .addOption(new Option('--engine <kind>', 'which WhatsApp API').choices(Object.keys(kinds)).default('evolution'))
    .option('--chatwoot-port <port>', 'port of Chatwoot; 0 takes a free one', '3003')
    .option('--engine-port <port>', 'port of the WhatsApp API; 0 takes a free one', '3004')
    .option('--chatwoot-version <version>', 'release to behave like', '4.16.2')
    .action(simulate);
