import { setTimeout as delay } from 'node:timers/promises';
import { type ChatwootSimulator, createChatwootSimulator } from '../../../simulators/chatwoot/index.ts';
import { changeIsRead } from '../../support/lease-turns.ts';
import type { Stack, StackOptions, StackProcess } from '../../support/stack-processes.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { Books, Line } from './books.ts';
import { createEngines, ENGINE_TOKEN, type Engines } from './engines.ts';
import type { Flags, LinePlan } from './steps.ts';

export const ACCOUNT = 5;
const SET_TIMEOUT_MS = 300_000;
const SET_PAUSE_MS = 200;

/** A process that is ended and comes back on the same port. */
interface Mortal {
  end(signal: 'SIGKILL' | 'SIGTERM', books: Books): Promise<void>;
  /** Until it is back. */
  back(): Promise<void>;
}

export interface Stage {
  readonly chatwoot: ChatwootSimulator;
  readonly engines: Engines;
  readonly stack: Stack;
  readonly api: Mortal;
  readonly bridge: Mortal;
  /** New integrations for a run. */
  newBooks(lines: readonly LinePlan[]): Promise<Books>;
  /** Changes the settings as a customer does, who tries until it is done. Resolves when they are in force for certain. */
  set(line: Line, flags: Flags): Promise<void>;
  /** Agents cannot work while Chatwoot is away. */
  chatwootBack(): Promise<void>;
  restartChatwoot(downMs: number): void;
  stop(): Promise<void>;
}

/** All of Ponte as real processes between a simulated Chatwoot and simulated engines, for one run after another. */
export async function createStage(startStack: (options: StackOptions) => Promise<Stack>): Promise<Stage> {
  // That the bridge answers within Chatwoot's five seconds is for the tests of webhooks: here the machine may have much else to do.
  const chatwoot = createChatwootSimulator({ webhookTimeoutMs: 60_000 });
  chatwoot.state.addAccount({ id: ACCOUNT, name: 'Orion' });
  const adminToken = chatwoot.state.addUser({ name: 'Ana', accounts: [{ id: ACCOUNT, role: 'administrator' }] });
  const engines = createEngines();
  const [{ url: chatwootUrl }, { url: engineUrl }] = await Promise.all([chatwoot.start(), engines.named('ryzeapi')]);
  const stack = await startStack({
    engine: 'postgres',
    env: { ENGINE_URL: engineUrl, ENGINE_TOKEN },
    entries: { bridge: 'test/support/quick-bridge.ts', worker: 'test/support/quick-worker.ts' },
  });
  const { token } = await stack.createAccount();
  const { prisma } = stack.database;
  const api = createMortal(first(stack.apis), stack.startApi);
  const bridge = createMortal(first(stack.bridges), stack.startBridge);
  const apiUrl = first(stack.apis).url;
  let runs = 0;
  let restarting = Promise.resolve();

  async function setUntilDone(name: string, { ...flags }: Flags): Promise<void> {
    const body = { chatwootBaseUrl: chatwootUrl, chatwootAccountId: ACCOUNT, chatwootApiToken: adminToken, inboxName: name };
    await waitFor(
      async () => (await stack.request({ path: `/api/chatwoot/set/${name}`, token, body: { ...body, ...flags } })).status === 201,
      { timeoutMs: SET_TIMEOUT_MS, intervalMs: SET_PAUSE_MS, describe: `the settings of ${name} being accepted` },
    );
  }

  async function newLine(number: number, { engine: engineName, flags }: LinePlan): Promise<Line> {
    const name = `run-${runs}-line-${number}`;
    const { engine, url } = await engines.named(engineName);
    const nameThere = engine.nameOf(name);
    const body = { name, engine: engine.add(nameThere, url) };
    const made = await stack.request({ path: '/api/instance/new', token, body });
    const instanceToken = /pti_\w+/.exec(JSON.stringify(made.body))?.[0];
    if (instanceToken === undefined) throw new Error(`no instance: ${made.status} ${JSON.stringify(made.body)}`);
    engine.paired(nameThere, { name, token: instanceToken, ingestUrl: `${apiUrl}/api/events/ingest/${name}` });
    await setUntilDone(name, flags);
    await waitFor(() => engine.isReady(nameThere), { timeoutMs: SET_TIMEOUT_MS, describe: `the webhook of ${name} being set` });
    const { id: instanceId } = await prisma.instance.findFirstOrThrow({ where: { name } });
    const inboxId = chatwoot.state.inboxes(ACCOUNT).find((inbox) => inbox.name === name)?.id ?? 0;
    const digits = String(runs * 100 + number * 10).padStart(6, '0');
    const numbers = { ana: `551198${digits}1`, bruno: `551198${digits}2`, group: `12036304${digits}@g.us` };
    const lid = lidOf(numbers.bruno);
    const addresses = { ana: [numbers.ana], bruno: [numbers.bruno, `${lid}@lid`, `BR.${lid}@bsuid`], group: [numbers.group] };
    const span = { flags, fromMs: Date.now(), untilMs: Number.POSITIVE_INFINITY };
    const place = { number, name, nameThere, engine, instanceId, inboxId };
    return { ...place, numbers, addresses, flags: [span], setting: Promise.resolve() };
  }

  /** Its holder reads a change in the turn after it. */
  async function inForce(line: Line): Promise<void> {
    const { id } = await prisma.bridgeIntegration.findFirstOrThrow({ where: { instanceId: line.instanceId, state: 'active' } });
    await changeIsRead(prisma, id);
  }

  return {
    chatwoot,
    engines,
    stack,
    api,
    bridge,

    async newBooks(plans) {
      runs += 1;
      const lines = await Promise.all(plans.map((plan, number) => newLine(number, plan)));
      return { lines, written: [], changed: [], statuses: [], said: [], names: new Map(), outages: [], engineSilences: 0 };
    },

    async set(line, flags) {
      const before = [...line.flags];
      line.flags.push({ flags, fromMs: Date.now(), untilMs: Number.POSITIVE_INFINITY });
      await setUntilDone(line.name, flags);
      await inForce(line);
      for (const span of before) span.untilMs = Math.min(span.untilMs, Date.now());
    },

    chatwootBack: () => restarting,
    restartChatwoot(downMs) {
      restarting = restarting.then(async () => {
        // Its jobs outlive a restart of the real one, and what they carry is not lost with them.
        await chatwoot.state.webhooks.idle(30_000);
        await chatwoot.stop();
        await delay(downMs);
        await chatwoot.start();
      });
    },

    async stop() {
      await Promise.all([api.back(), bridge.back(), restarting]);
      await stack.stop();
      await Promise.all([chatwoot.stop(), engines.stop()]);
    },
  };
}

/** Of somebody whom WhatsApp knows by an address beside the number. */
export const lidOf = (digits: string): string => `9${digits}`;

function createMortal(begun: StackProcess, start: (port: number) => Promise<StackProcess>): Mortal {
  let process = begun.process;
  let returning: Promise<void> = Promise.resolve();

  async function replace(signal: 'SIGKILL' | 'SIGTERM', books: Books): Promise<void> {
    const outage = { fromMs: Date.now(), untilMs: Number.POSITIVE_INFINITY };
    books.outages.push(outage);
    await (signal === 'SIGKILL' ? process.kill9() : process.stop());
    ({ process } = await start(begun.port));
    outage.untilMs = Date.now();
  }

  return {
    back: () => returning,
    async end(signal, books) {
      await returning;
      returning = replace(signal, books);
    },
  };
}

function first(processes: readonly StackProcess[]): StackProcess {
  const [found] = processes;
  if (found === undefined) throw new Error('there is no such process');
  return found;
}
