import { setTimeout as delay } from 'node:timers/promises';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { troubles } from '../../simulators/chatwoot/trouble.ts';
import type { WhatsappEngineSimulator } from '../../simulators/whatsapp-engine/index.ts';
import { createLateProxy, type LateProxy } from '../../test/support/late-proxy.ts';
import type { Stack } from '../../test/support/stack-processes.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { activateFleet, openChatwoot } from '../relay/fleet.ts';
import { percentile } from '../relay/percentile.ts';
import { createTraffic, type SentMessage } from '../relay/traffic.ts';
import { evidenceOfDoubled, evidenceOfLost, leftUnseen } from './evidence.ts';
import type { Random } from './random.ts';

const TENANTS = 5;
const CHATS = 4;
/** Messages of all tenants together; every third is answered. */
const PER_SECOND = 5;
/** Tenants whose Chatwoot is in trouble, in one round. */
const TROUBLED = 2;
const TROUBLE_EVERY_MS = 400;
/** Chatwoot itself ends a request after 15 s. */
const SLOWEST_MS = 14_000;
const LIMIT_MS = 180_000;
/** After so much quiet nothing is missing or shown wrongly any more: an inbox is looked at once more in the aftermath of trouble. */
const QUIET_MS = 120_000;

export interface RelaySoak {
  /** Everybody writes, and some Chatwoots are in trouble, until it is stopped. */
  begin(random: Random): { stop(): Promise<void> };
  /** Once nothing is on its way any more: what is lost, doubled, out of order or shown wrongly, in words. */
  faults(): Promise<string[]>;
  /** How many messages and replies are on one side only, and how many are there more than once. */
  counts(): { readonly lost: number; readonly doubled: number };
  /** How many messages and replies there were, and how long the unaffected had to wait, in words. */
  shown(): string;
  stop(): Promise<void>;
}

interface Tenant {
  readonly chatwoot: ChatwootSimulator;
  readonly proxy: LateProxy;
}

/** Several tenants, each with a Chatwoot of its own that can be slow, cut and in trouble while people and agents write. */
export async function createRelaySoak(deps: { stack: Stack; engine: WhatsappEngineSimulator }): Promise<RelaySoak> {
  const { stack, engine } = deps;
  const tenants: Tenant[] = [];
  const places = [];
  for (let count = 0; count < TENANTS; count += 1) {
    const chatwoot = createChatwootSimulator();
    chatwoot.state.webhooks.shuffle = true;
    const token = await openChatwoot(chatwoot);
    const proxy = await createLateProxy(chatwoot.url());
    tenants.push({ chatwoot, proxy });
    places.push({ chatwoot, token, chats: CHATS, baseUrl: proxy.url });
  }
  const fleet = await activateFleet({ stack, engine, places });
  const traffic = createTraffic({ fleet, stack });
  const unaffected: SentMessage[] = [];
  const upsets = new Map<string, number>();

  async function upsetUntilStopped(victims: readonly Tenant[], random: Random, isStopping: () => boolean): Promise<void> {
    while (!isStopping()) {
      for (const victim of victims) {
        const kind = upset(victim, random);
        upsets.set(kind, (upsets.get(kind) ?? 0) + 1);
      }
      await delay(TROUBLE_EVERY_MS);
    }
  }

  async function settled(): Promise<string[]> {
    const { prisma } = stack.database;
    try {
      await traffic.settled(LIMIT_MS);
      await waitFor(async () => (await prisma.bridgePosting.count()) === 0, {
        timeoutMs: LIMIT_MS,
        describe: 'no outcome being unknown',
      });
      const mayOvertake = leftUnseen(stack);
      await waitFor(() => traffic.faults({ mayOvertake }).length + traffic.wronglyFailed().length === 0, {
        timeoutMs: QUIET_MS,
        intervalMs: 1_000,
        describe: 'nothing being missing or shown wrongly',
      }).catch(() => {}); // What is, is told by name.
      // What was found meanwhile is sent and told as well.
      await traffic.settled(LIMIT_MS);
      return [];
    } catch (error) {
      return [String(error)];
    }
  }

  return {
    begin(random) {
      let isStopping = false;
      const victims = tenants.toSorted(() => (random.chance(50) ? 1 : -1)).slice(0, TROUBLED);
      const from = traffic.sent.length;
      const load = traffic.begin({ members: fleet.members, perSecond: PER_SECOND, withReplies: true });
      const upsetting = upsetUntilStopped(victims, random, () => isStopping);
      return {
        async stop() {
          isStopping = true;
          load.stop();
          await upsetting;
          for (const { chatwoot, proxy } of victims) {
            chatwoot.faults.clear();
            proxy.release();
          }
          const isVictim = ({ member }: SentMessage) => victims.some(({ chatwoot }) => chatwoot === member.chatwoot);
          unaffected.push(...traffic.sent.slice(from).filter((message) => !isVictim(message)));
        },
      };
    },

    async faults() {
      const late = await settled();
      // A reply of which nobody knows whether it left is set aside and shown as failed, which is promised; `wronglyFailed` has those that did leave.
      const letters = await stack.database.prisma.bridgeDeadLetter.findMany({
        where: { direction: 'to_chatwoot' },
        select: { direction: true, reason: true },
      });
      return [
        ...late,
        ...traffic.faults({ mayOvertake: leftUnseen(stack) }),
        ...(await evidenceOfLost(stack, traffic.lostReplies())),
        ...(await evidenceOfDoubled(stack, traffic.doubledMessages())),
        ...traffic.wronglyFailed(),
        ...letters.map(({ direction, reason }) => `set aside on its way ${direction}: ${reason}`),
      ];
    },

    counts: () => traffic.counts(),

    shown() {
      const waits = traffic.latenciesMs(unaffected).filter(Number.isFinite);
      const kinds = [...upsets].sort().map(([kind, count]) => `${count} × ${kind}`);
      return (
        `${traffic.sent.length} messages, ${traffic.replies()} replies (${traffic.failedReplies()} shown as failed); the ${waits.length} beside the troubled waited ` +
        `${seconds(percentile(waits, 0.5))} (median), ${seconds(percentile(waits, 1))} (longest); ${kinds.join(', ')}`
      );
    },

    async stop() {
      await Promise.all(tenants.map(async ({ chatwoot, proxy }) => Promise.all([proxy.stop(), chatwoot.stop()])));
    },
  };
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;

/** Something for the next request or two; answers what. */
function upset({ chatwoot, proxy }: Tenant, random: Random): string {
  const path = random.pick([/\/messages$/, /\/messages$/, /\/messages$/, /\/conversations$/, /\/contacts$/]);
  const lot = random.integer(1, 100);
  if (lot <= 45) {
    const effectMs = random.integer(100, random.pick([1_000, 4_000, SLOWEST_MS]));
    proxy.hold({ method: 'POST', path, effectMs, cutMs: random.integer(10, effectMs) });
    return 'slow and cut';
  }
  if (lot <= 60) {
    proxy.hold({ method: 'POST', path, effectMs: random.integer(100, SLOWEST_MS) });
    return 'slow';
  }
  if (lot <= 85) {
    const trouble = random.pick(troubles);
    chatwoot.faults.add({ times: random.integer(1, 3), action: { kind: 'trouble', trouble } });
    return trouble;
  }
  if (lot <= 92) {
    chatwoot.state.webhooks.lose(1, 'message_created');
    return 'a webhook lost';
  }
  const action = random.pick([
    { kind: 'status', status: 502, body: '<html>502 Bad Gateway</html>' },
    { kind: 'status', status: 429, body: 'Retry later\n' },
    { kind: 'reset' },
    { kind: 'resetAfterEffect' },
    { kind: 'truncateBody' },
  ] as const);
  chatwoot.faults.add({ times: random.integer(1, 2), action });
  return action.kind === 'status' ? String(action.status) : action.kind;
}
