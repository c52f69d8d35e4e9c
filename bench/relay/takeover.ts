import type { Stack, StackProcess } from '../../test/support/stack-processes.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import type { Fleet, Member } from './fleet.ts';
import type { FrontDoor } from './front-door.ts';
import { percentile } from './percentile.ts';
import type { Traffic } from './traffic.ts';

export interface Takeover {
  /** How many integrations the bridge ran that went away. */
  readonly integrations: number;
  /** From its end until another bridge had the last of its leases. */
  readonly leasesMs: number;
  /** How old the first message written after its end was in Chatwoot, over its integrations. */
  readonly firstMessageP50Ms: number;
  readonly firstMessageMaxMs: number;
}

export interface Scene {
  readonly stack: Stack;
  readonly fleet: Fleet;
  readonly traffic: Traffic;
  readonly door: FrontDoor;
  readonly victim: StackProcess;
  readonly survivors: readonly StackProcess[];
  readonly perSecond: number;
}

/** What a killed bridge may have sent is only looked for until it can take effect no more, which is 20 s. */
const TAKEOVER_TIMEOUT_MS = 60_000;
const SETTLE_TIMEOUT_MS = 90_000;
/** Messages that are under way when the bridge goes away. */
const BEFORE_SECONDS = 1;

/** Which members this process runs, as their leases say. */
export async function runBy({ stack, fleet }: Pick<Scene, 'stack' | 'fleet'>, { process }: StackProcess): Promise<Member[]> {
  const rows = await stack.database.prisma.bridgeIntegration.findMany({
    where: { state: 'active', leaseOwner: { contains: `:${process.pid}:` } },
    select: { id: true },
  });
  const ids = new Set(rows.map(({ id }) => id));
  return fleet.members.filter(({ integrationId }) => ids.has(integrationId));
}

/** Kills a bridge in the middle of its work, and waits until others have taken everything over and nothing is on its way. */
export async function killUnderLoad(scene: Scene): Promise<Takeover> {
  return takeAway(scene, () => scene.victim.process.kill9());
}

/**
 * Freezes a bridge in the middle of its work until others have taken everything over, and lets it go on then: it believes that no time has
 * passed.
 */
export async function freezeUnderLoad(scene: Scene): Promise<Takeover> {
  const { process } = scene.victim;
  const takeover = await takeAway(scene, async () => process.signal('SIGSTOP'));
  process.signal('SIGCONT');
  const { traffic, fleet } = scene;
  for (const member of fleet.members) for (const chat of member.chats) traffic.write(member, chat);
  await traffic.settled(SETTLE_TIMEOUT_MS);
  return takeover;
}

async function takeAway(scene: Scene, end: () => Promise<void>): Promise<Takeover> {
  const { stack, fleet, traffic, door, victim, survivors, perSecond } = scene;
  const load = traffic.begin({ members: fleet.members, perSecond, withReplies: true });
  try {
    const before = traffic.sent.length;
    await waitFor(() => traffic.sent.length - before >= perSecond * BEFORE_SECONDS);
    const orphaned = await runBy(scene, victim);
    await end();
    const endedAtMs = Date.now();
    door.leadTo(survivors.map(({ port }) => port));
    const firsts = orphaned.map((member) => traffic.write(member, member.chats[0] ?? ''));
    await waitFor(async () => (await runBy({ stack, fleet }, victim)).length === 0, {
      timeoutMs: TAKEOVER_TIMEOUT_MS,
      intervalMs: 50,
      describe: 'other bridges having taken everything over',
    });
    const leasesMs = Date.now() - endedAtMs;
    await waitFor(() => traffic.latenciesMs(firsts).every(Number.isFinite), {
      timeoutMs: TAKEOVER_TIMEOUT_MS,
      intervalMs: 50,
      describe: 'a message of each integration having arrived',
    });
    const latencies = traffic.latenciesMs(firsts);
    return {
      integrations: orphaned.length,
      leasesMs,
      firstMessageP50Ms: percentile(latencies, 0.5),
      firstMessageMaxMs: percentile(latencies, 1),
    };
  } finally {
    load.stop();
    await traffic.settled(SETTLE_TIMEOUT_MS);
  }
}

/** One line for people. */
export function shownTakeover(what: string, takeover: Takeover): string {
  const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
  const { integrations, leasesMs, firstMessageP50Ms, firstMessageMaxMs } = takeover;
  return (
    `${what}: ${integrations} integrations taken over in ${seconds(leasesMs)}; ` +
    `a message written at that moment took ${seconds(firstMessageP50Ms)} (median), ${seconds(firstMessageMaxMs)} (longest)`
  );
}
