import type { Answer, Stack } from '../../test/support/stack-processes.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import type { Fleet, Member } from './fleet.ts';
import { percentile } from './percentile.ts';
import type { Traffic } from './traffic.ts';

export interface Isolation {
  /** How many integrations had a Chatwoot that answered all the time. */
  readonly healthy: number;
  /** How long their messages took before the other one's Chatwoot fell silent, and while it was. */
  readonly beforeP95Ms: number;
  readonly duringP95Ms: number;
  /** What `list` answered of the other one then. */
  readonly told: Answer;
  /** From the moment that its Chatwoot was back until nothing of what had waited was on its way any more, and how much that was. */
  readonly caughtUpMs: number;
  readonly waited: number;
}

const ERROR_TIMEOUT_MS = 60_000;
const SETTLE_TIMEOUT_MS = 120_000;

/**
 * Lets the Chatwoot of one integration accept everything and answer nothing, with a lot to be delivered to it, until the bridge says so; and
 * compares what that does to the others. `seconds` is how long it is measured before.
 */
export async function silenceOne(options: {
  stack: Stack;
  fleet: Fleet;
  traffic: Traffic;
  /** Nobody else's Chatwoot. */
  silent: Member;
  perSecond: number;
  seconds: number;
}): Promise<Isolation> {
  const { stack, fleet, traffic, silent, perSecond, seconds } = options;
  const healthy = fleet.members.filter((member) => member.chatwoot !== silent.chatwoot);

  /** The latencies of what is written to the healthy ones until then. */
  async function latenciesUntil(done: (sent: number) => boolean | Promise<boolean>, timeoutMs: number): Promise<number[]> {
    const from = traffic.sent.length;
    const load = traffic.begin({ members: healthy, perSecond, withReplies: false });
    await waitFor(() => done(traffic.sent.length - from), { timeoutMs, intervalMs: 100 }).finally(load.stop);
    const sent = traffic.sent.slice(from).filter(({ member }) => member !== silent);
    await waitFor(() => traffic.latenciesMs(sent).every(Number.isFinite), {
      timeoutMs: SETTLE_TIMEOUT_MS,
      intervalMs: 100,
      describe: 'everything of the healthy ones having arrived',
    });
    return traffic.latenciesMs(sent);
  }

  const atLeast = seconds * perSecond;
  const before = await latenciesUntil((sent) => sent >= atLeast, seconds * 10_000);

  silent.chatwoot.faults.add({ action: { kind: 'hang' } });
  const waiting = silent.chats.flatMap((chat) => Array.from({ length: 3 }, () => traffic.write(silent, chat)));
  const isInError = async (): Promise<boolean> => {
    const row = await stack.database.prisma.bridgeIntegration.findUniqueOrThrow({ where: { id: silent.integrationId } });
    return row.status === 'error';
  };
  const during = await latenciesUntil(async (sent) => sent >= atLeast && (await isInError()), ERROR_TIMEOUT_MS);
  const told = await stack.request({ method: 'GET', path: `/api/chatwoot/list/${silent.name}`, token: fleet.token });

  const backAtMs = Date.now();
  silent.chatwoot.faults.clear();
  await traffic.settled(SETTLE_TIMEOUT_MS);
  return {
    healthy: healthy.length,
    beforeP95Ms: percentile(before, 0.95),
    duringP95Ms: percentile(during, 0.95),
    told,
    caughtUpMs: Date.now() - backAtMs,
    waited: waiting.length,
  };
}

/** One line for people. */
export function shownIsolation({ healthy, beforeP95Ms, duringP95Ms, caughtUpMs, waited }: Isolation): string {
  const ratio = (duringP95Ms / beforeP95Ms).toFixed(2);
  return (
    `${healthy} integrations beside one whose Chatwoot is silent: p95 ${beforeP95Ms.toFixed(0)} ms before, ` +
    `${duringP95Ms.toFixed(0)} ms meanwhile, ratio ${ratio}; its own ${waited} messages arrived ${(caughtUpMs / 1_000).toFixed(1)} s after it was back`
  );
}
