import type { ChatwootSimulator } from '../../../simulators/chatwoot/index.ts';
import { type Case, NotChecked, type Observation } from './case.ts';
import { type Chapter, chapters } from './cases/all.ts';
import { createRun, type Run } from './context.ts';
import { type Received, startReceiver } from './receiver.ts';
import type { SimulatedCase } from './simulated.ts';
import { at, listAt, type Target } from './target.ts';

export type Outcome =
  | { readonly kind: 'holds' }
  | { readonly kind: 'broken'; readonly reason: string }
  | { readonly kind: 'not checked'; readonly reason: string };

export interface Result {
  readonly chapter: string;
  readonly name: string;
  readonly outcome: Outcome;
  readonly observations: readonly Observation[];
}

export interface SuiteRun {
  /** Why webhooks cannot be checked here; null where they arrive. */
  readonly noWebhooks: string | null;
  check(chapter: string, item: Case): Promise<Result>;
  /** A case about trouble, of the simulator that this run is against. */
  simulate(simulator: ChatwootSimulator, item: SimulatedCase): Promise<Outcome>;
  readonly operations: Run['operations'];
  /** Takes away what was made; tells what could not be. */
  finish(): Promise<string[]>;
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : '';
  return `${error.message}${cause}`;
}

async function outcomeOf(check: () => Promise<void>): Promise<Outcome> {
  try {
    await check();
    return { kind: 'holds' };
  } catch (error) {
    return { kind: error instanceof NotChecked ? 'not checked' : 'broken', reason: reasonOf(error) };
  }
}

/** Tries one webhook. Where it does not come, the message says why, in Chatwoot's words. */
async function probeWebhooks(run: Run): Promise<string | null> {
  const chatwoot = run.context([]);
  const path = chatwoot.unique('probe');
  const chat = await chatwoot.chat(await chatwoot.inbox({}, { webhook_url: chatwoot.receiver.address(path) }));
  const id = await chatwoot.post(chat, { content: 'probe' });
  const outcome = await chatwoot.eventually(
    'the first webhook',
    async (): Promise<{ failed: unknown } | Received | undefined> => {
      const arrived = chatwoot.receiver.of(path, 'message_created')[0];
      if (arrived) return arrived;
      const message = listAt((await chatwoot.ask('GET', chat.messages)).body, 'payload').find((entry) => at(entry, 'id') === id);
      return at(message, 'status') === 'failed' ? { failed: at(message, 'content_attributes', 'external_error') } : undefined;
    },
  );
  if (!('failed' in outcome)) return null;
  return `this Chatwoot does not reach ${chatwoot.receiver.address('')} ("${String(outcome.failed)}")`;
}

/** Begins a run against a target. `webhookUrl` is where the receiver is reached, if not at its own address. Takes what it makes away at `finish`. */
export async function startSuite(target: Target, webhookUrl?: string): Promise<SuiteRun> {
  const receiver = await startReceiver(webhookUrl);
  const run = createRun(target, receiver);
  const finish = async () => {
    const left = await run.cleanUp();
    await receiver.stop();
    return left;
  };
  let noWebhooks: string | null;
  try {
    noWebhooks = await probeWebhooks(run);
  } catch (error) {
    noWebhooks = reasonOf(error);
  }

  function obstacleOf({ needs }: Case): string | null {
    if (needs === 'agent' && target.agentToken === null) return 'no token of an agent was given';
    return needs === 'webhooks' ? noWebhooks : null;
  }

  async function check(chapter: string, item: Case): Promise<Result> {
    const obstacle = obstacleOf(item);
    if (obstacle !== null)
      return { chapter, name: item.name, outcome: { kind: 'not checked', reason: obstacle }, observations: [] };
    const observations: Observation[] = [];
    const outcome = await outcomeOf(() => item.run(run.context(observations)));
    return { chapter, name: item.name, outcome, observations };
  }

  const simulate = (simulator: ChatwootSimulator, item: SimulatedCase) => outcomeOf(() => item.run(simulator, run.context([])));
  return { noWebhooks, check, simulate, operations: run.operations, finish };
}

export interface SuiteOptions {
  readonly webhookUrl?: string | undefined;
  /** Hears of each case as it ends. */
  readonly told?: (result: Result) => void;
  /** Default all. */
  readonly held?: readonly Chapter[];
}

/** Every case, one after the other. */
export async function runSuite(
  target: Target,
  { webhookUrl, told = () => undefined, held = chapters }: SuiteOptions = {},
): Promise<{ results: Result[]; left: string[] }> {
  const suite = await startSuite(target, webhookUrl);
  const results: Result[] = [];
  let left: string[] = [];
  try {
    for (const { title, cases } of held) {
      for (const item of cases) {
        const result = await suite.check(title, item);
        results.push(result);
        told(result);
      }
    }
  } finally {
    left = await suite.finish();
  }
  return { results, left };
}
