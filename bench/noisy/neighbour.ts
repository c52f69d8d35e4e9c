import { setTimeout as delay } from 'node:timers/promises';
import { activationTraceSchema } from '../../shared/activations/trace.ts';
import type { Stack } from '../../test/support/stack-processes.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { addInstances } from '../add-instances.ts';
import { ACCOUNT, type Fleet } from '../relay/fleet.ts';
import { createTraffic } from '../relay/traffic.ts';

/** What a customer notices: how long each of its requests of a kind took, in milliseconds. */
export type Latencies = Readonly<Record<Kind, readonly number[]>>;
export interface Noticed {
  readonly latencies: Latencies;
  /** What did not succeed, in words. */
  readonly failed: readonly string[];
  /** Where the time of its slowest activation went, in words. */
  readonly slowest: string;
}
export const KINDS = ['set', 'list', 'delete', 'message'] as const;
export type Kind = (typeof KINDS)[number];

const LANES = 3;
/** Between two requests of a lane: a customer is not a load generator, and a machine that is full already measures only itself. */
const PAUSE_MS = 75;
const MESSAGES_PER_SECOND = 5;
const ARRIVE_TIMEOUT_MS = 180_000;
const EXPECTED = { set: 201, list: 200, delete: 200 };

/** A customer with a Chatwoot in order, who activates, looks and deactivates, and to whom messages come. */
export async function createNeighbour(deps: { stack: Stack; fleet: Fleet; chatwootUrl: string; chatwootToken: string }) {
  const { stack, fleet } = deps;
  const account = await stack.createAccount('neighbour');
  const traffic = createTraffic({ fleet, stack });
  const body = { chatwootBaseUrl: deps.chatwootUrl, chatwootAccountId: ACCOUNT, chatwootApiToken: deps.chatwootToken };
  const names = Array.from({ length: LANES }, (_, lane) => `quiet-${lane}`);
  await addInstances(
    stack,
    names.map((name) => ({ name, accountId: account.id })),
  );

  async function slowestSince(began: Date): Promise<string> {
    const rows = await stack.database.prisma.activation.findMany({
      where: { instance: { accountId: account.id }, createdAt: { gte: began } },
      select: { createdAt: true, finishedAt: true, trace: true },
    });
    const took = ({ createdAt, finishedAt }: (typeof rows)[number]) => (finishedAt?.getTime() ?? 0) - createdAt.getTime();
    const slowest = rows.toSorted((left, right) => took(right) - took(left))[0];
    const [entry] = activationTraceSchema.parse(slowest?.trace ?? []);
    if (slowest === undefined || entry === undefined) return 'nothing';
    return `its row ${took(slowest)} ms, of them queue ${entry.queueWaitMs}, bridge ${entry.bridgeMs}, Chatwoot ${entry.chatwootMs} ms`;
  }

  return {
    /** Goes about its business until `end` resolves. */
    async work(end: Promise<unknown>): Promise<Noticed> {
      const took = { set: [] as number[], list: [] as number[], delete: [] as number[] };
      const failed: string[] = [];
      let isOver = false;
      void end.finally(() => {
        isOver = true;
      });
      async function ask(kind: keyof typeof took, method: 'GET' | 'POST' | 'DELETE', name: string): Promise<void> {
        const sinceMs = performance.now();
        const path = `/api/chatwoot/${kind}/${name}`;
        const answer = await stack
          .request({ method, path, token: account.token, ...(kind === 'set' ? { body } : {}) })
          .catch((error: unknown) => ({ status: 0, body: String(error) }));
        took[kind].push(performance.now() - sinceMs);
        if (answer.status !== EXPECTED[kind]) failed.push(`${kind}: ${answer.status} ${JSON.stringify(answer.body)}`);
        await delay(PAUSE_MS);
      }
      const from = traffic.sent.length;
      const began = new Date();
      const messages = traffic.begin({ members: fleet.members, perSecond: MESSAGES_PER_SECOND, withReplies: false });
      const lane = async (name: string): Promise<void> => {
        while (!isOver) {
          await ask('set', 'POST', name);
          await ask('list', 'GET', name);
          await ask('delete', 'DELETE', name);
        }
      };
      await Promise.all(names.map(lane)).finally(messages.stop);
      const sent = traffic.sent.slice(from);
      await waitFor(() => traffic.latenciesMs(sent).every(Number.isFinite), {
        timeoutMs: ARRIVE_TIMEOUT_MS,
        intervalMs: 250,
        describe: 'every message having arrived',
      });
      return { latencies: { ...took, message: traffic.latenciesMs(sent) }, failed, slowest: await slowestSince(began) };
    },
  };
}
