// npm run bench:burst [-- --integrations 1000]: messages of many integrations through one bridge: as many as come at once, in turn with the useful
// minimum (all the work that cannot be left out, on the same PostgreSQL and the same simulated Chatwoot), at an even pace, and what waited while
// a Chatwoot was away, beside others whose Chatwoot was there. Tells the processor time of each kind of process for each message: rates belong to
// the machine, on which simulators and sender run as well. Ends with 1 if anything was lost or doubled, or somebody was shown as in error whose
// Chatwoot was there.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpus } from 'node:os';
import { Command } from 'commander';
import { migrate } from '../shared/database/migrate.ts';
import { migrateQueue } from '../shared/queue/engine.ts';
import { type ChatwootSimulator, createChatwootSimulator } from '../simulators/chatwoot/index.ts';
import { createWhatsappEngineSimulator } from '../simulators/whatsapp-engine/index.ts';
import { startStackProcesses } from '../test/support/stack-processes.ts';
import { startThrowawayPostgres } from '../test/support/throwaway-postgres.ts';
import { waitFor } from '../test/support/wait-for.ts';
import { killWithUs } from '../test/support/watchdog.ts';
import { startBuilt } from './built.ts';
import { type CpuTimes, createCpuWatch } from './noisy/cpu.ts';
import { numberBetween } from './number-between.ts';
import { type BurstAnswer, type BurstOrder, burstAnswerSchema } from './relay/burst-client.ts';
import { ACCOUNT, activateFleet, type Member, openChatwoot } from './relay/fleet.ts';
import { type MinimumMember, startRelayMinimum } from './relay/minimum.ts';
import { percentile } from './relay/percentile.ts';

const ENGINE_TOKEN = 'engine-account-token';
const IN_FLIGHT = 64;
/** Messages before anything is measured, at least. */
const WARM_UP = 3_000;
const SETTLE_TIMEOUT_MS = 300_000;

const { integrations, count, perSecond, seconds, backlog } = new Command()
  .name('npm run bench:burst --')
  .description('A burst, an even pace and a backlog through one bridge')
  .option('--integrations <number>', 'at most 2000', numberBetween(2, 2_000), 1_000)
  .option('--count <number>', 'messages of the burst, at most 20000', numberBetween(100, 20_000), 4_000)
  .option('--per-second <number>', 'messages a second at an even pace, at most 400', numberBetween(1, 400), 100)
  .option('--seconds <number>', 'of that pace, at most 60', numberBetween(5, 60), 15)
  .option('--backlog <number>', 'messages that wait for a Chatwoot, at most 20000', numberBetween(100, 20_000), 4_000)
  .parse()
  .opts<{ integrations: number; count: number; perSecond: number; seconds: number; backlog: number }>();

const postgres = await startThrowawayPostgres();
const { url: databaseUrl } = postgres;
const [chatwoot, away] = [createChatwootSimulator(), createChatwootSimulator()];
const engine = createWhatsappEngineSimulator({ token: ENGINE_TOKEN });
const startSender = () => {
  const child = fork(new URL('relay/burst-client.ts', import.meta.url), { execArgv: ['--import', 'tsx'] });
  if (child.pid !== undefined) killWithUs(child.pid);
  return child;
};
const [sender, neighbours] = [startSender(), startSender()];
let faults = 0;
try {
  await migrate({ databaseUrl });
  await migrateQueue({ kind: 'postgres', url: databaseUrl });
  const [token, awayToken, { url: engineUrl }] = await Promise.all([openChatwoot(chatwoot), openChatwoot(away), engine.start()]);
  const env = { ENGINE_URL: engineUrl, ENGINE_TOKEN, LOG_LEVEL: 'warn', RATE_LIMIT_PER_MINUTE: '1000000' };
  const stack = await startStackProcesses(
    { engine: 'postgres', env },
    { databaseUrl, redisUrl: undefined, startProcess: startBuilt },
  );
  let stopMinimum = async (): Promise<void> => {};
  try {
    const places = (of: { chatwoot: ChatwootSimulator; token: string }) =>
      Array.from({ length: Math.floor(integrations / 2) }, () => ({ ...of, chats: 1 }));
    const { members } = await activateFleet({
      stack,
      engine,
      places: [...places({ chatwoot, token }), ...places({ chatwoot: away, token: awayToken })],
    });
    const minimum = await startRelayMinimum({ stack, databaseUrl, chatwoot, token, instances: members.length });
    stopMinimum = minimum.stop;
    const tokens = new Map([...engine.state.instances(), ...minimum.members].map((instance) => [instance.name, instance.token]));
    const watch = await createCpuWatch({ stack, crowdPid: sender.pid });
    const parts = { ...stack, apis: [minimum.front], bridges: [minimum.back] };
    const watchMinimum = await createCpuWatch({ stack: parts, crowdPid: sender.pid });
    const { prisma, pool } = stack.database;
    /** Of those whose Chatwoot was there all the time, how many said at a time that something was wrong. */
    let blamed = 0;
    const isSettled = async () => {
      const troubled = { status: 'error' as const, chatwootBaseUrl: chatwoot.url() };
      blamed = Math.max(blamed, await prisma.bridgeIntegration.count({ where: troubled }));
      const ofMinimum = await pool.query('SELECT FROM minimum.events WHERE acked_at IS NULL LIMIT 1');
      return (await prisma.engineEvent.count({ where: { ackedAt: null } })) + (ofMinimum.rowCount ?? 0) === 0;
    };
    const areWebhooksIn = () => [chatwoot, away].every(({ state }) => state.webhooks.pending === 0);

    /** As the sender tells it, not when all has arrived. */
    async function send(
      to: readonly (Member | MinimumMember)[],
      order: Pick<BurstOrder, 'count' | 'perSecond'>,
      { by = sender, api = stack.apis[0]?.url ?? '' } = {},
    ): Promise<BurstAnswer> {
      const addressed = to.map(({ name, chats }) => ({ name, token: tokens.get(name) ?? '', chats: [...chats] }));
      const gone = once(by, 'exit').then(() => {
        throw new Error('the sender has ended');
      });
      const answer = Promise.race([once(by, 'message'), gone]);
      by.send({ ...order, api, members: addressed, inFlight: IN_FLIGHT } satisfies BurstOrder);
      return burstAnswerSchema.parse((await answer)[0]);
    }
    const settled = () =>
      waitFor(isSettled, { timeoutMs: SETTLE_TIMEOUT_MS, intervalMs: 100, describe: 'everything having arrived' });
    const webhooks = () =>
      waitFor(areWebhooksIn, { timeoutMs: SETTLE_TIMEOUT_MS, intervalMs: 100, describe: 'every webhook having been answered' });

    async function sendAndSettle(...what: Parameters<typeof send>): Promise<BurstAnswer> {
      const answer = await send(...what);
      await settled();
      return answer;
    }

    function latenciesMs({ sent }: BurstAnswer): number[] {
      const arrived = new Map<string | null, number[]>();
      for (const { sourceId, createdAt } of [chatwoot, away].flatMap(({ state }) => state.messages(ACCOUNT)))
        arrived.set(sourceId, [...(arrived.get(sourceId) ?? []), createdAt]);
      return sent.map(({ id, atMs }) => {
        const times = arrived.get(`WAID:${id}`) ?? [];
        if (times.length !== 1) faults += 1;
        return (times[0] ?? Number.POSITIVE_INFINITY) - atMs;
      });
    }

    /** `beside` are others that go on meanwhile: their processor time is counted with it, and so are they. */
    async function measured(
      what: string,
      { messages, beside = 0, cpu = watch }: { messages: number; beside?: number; cpu?: typeof watch },
      run: () => Promise<{ told: string; tookMs?: number }>,
    ): Promise<Figures> {
      const before = await cpu();
      const fromMs = performance.now();
      const { told, tookMs = performance.now() - fromMs } = await run();
      // What Chatwoot tells of these messages costs as well.
      await webhooks();
      const after = await cpu();
      const rate = (messages * 1_000) / tookMs;
      console.log(`${what}: ${messages} in ${(tookMs / 1_000).toFixed(1)} s, ${rate.toFixed(0)}/s; ${told}`);
      const used = cpuOf(before, after, messages + beside);
      console.log(`  CPU ms a message: ${shownCpu(used)}`);
      const { api = 0, bridge = 0, PostgreSQL = 0 } = used;
      return { rate, cpuMs: api + bridge + PostgreSQL };
    }

    const warmUp = { count: Math.max(members.length, WARM_UP), perSecond: null };
    const toMinimum = { api: minimum.front.url };
    await sendAndSettle(members, warmUp);
    await sendAndSettle(minimum.members, warmUp, toMinimum);
    await webhooks();
    // PostgreSQL would have done it by itself by now; a server that is thrown away does not. A backlog is nothing that it knows of then, and
    // what it plans once it plans for tables that are no longer empty.
    await prisma.$executeRaw`VACUUM ANALYZE`;
    console.log(
      `${cpus()[0]?.model ?? 'unknown processor'} × ${cpus().length}, Node ${process.version}, ${members.length} integrations, one api, one bridge\n`,
    );

    const burst = (): Promise<Figures> =>
      measured('burst', { messages: count }, async () => {
        const answer = await sendAndSettle(members, { count, perSecond: null });
        const refused = `(${answer.again} were refused first)`;
        return { told: `taken in ${answer.seconds.toFixed(1)} s ${refused}, ${shownLatencies(latenciesMs(answer))}` };
      });
    const burstOfMinimum = (): Promise<Figures> =>
      measured('useful minimum', { messages: count, cpu: watchMinimum }, async () => {
        const answer = await sendAndSettle(minimum.members, { count, perSecond: null }, toMinimum);
        return { told: shownLatencies(latenciesMs(answer)) };
      });
    // Neither is always the one that follows the other.
    const [itsFirst, ours, oursAgain, itsSecond] = [await burstOfMinimum(), await burst(), await burst(), await burstOfMinimum()];
    const ratios = [[ours, itsFirst] as const, [oursAgain, itsSecond] as const].map(
      ([of, to]) => `${(of.rate / to.rate).toFixed(2)} of its rate, ${(of.cpuMs / to.cpuMs).toFixed(1)} times its processor time`,
    );
    console.log(`Ponte against the useful minimum: ${ratios.join('; ')} (api, bridge and PostgreSQL)\n`);
    await measured(`${perSecond}/s`, { messages: perSecond * seconds }, async () => {
      const answer = await sendAndSettle(members, { count: perSecond * seconds, perSecond });
      return { told: shownLatencies(latenciesMs(answer)) };
    });

    const membersOf = (of: ChatwootSimulator) => members.filter((member) => member.chatwoot === of);
    const pace = { count: Math.floor((perSecond * seconds) / 2), perSecond: perSecond / 2 };
    const before = latenciesMs(await sendAndSettle(membersOf(chatwoot), pace));
    await webhooks();
    away.faults.add({ action: { kind: 'status', status: 503 } });
    const waited = await send(membersOf(away), { count: backlog, perSecond: null });
    await measured('backlog', { messages: backlog, beside: pace.count }, async () => {
      const clearedAtMs = Date.now();
      away.faults.clear();
      const during = await send(membersOf(chatwoot), pace, { by: neighbours });
      await settled();
      const missing = latenciesMs(waited).filter((ms) => !Number.isFinite(ms)).length;
      // The others go on for longer, or less long, than the backlog takes.
      const tookMs = Math.max(...away.state.messages(ACCOUNT).map(({ createdAt }) => createdAt)) - clearedAtMs;
      const beside = during.sent.map(({ atMs }) => atMs <= clearedAtMs + tookMs);
      const others = latenciesMs(during).filter((_, index) => beside[index]);
      const ratio = percentile(others, 0.99) / percentile(before, 0.99);
      return {
        tookMs,
        told: `missing ${missing}; ${others.length} of others meanwhile ${shownLatencies(others)}, before ${shownLatencies(before)}, ratio ${ratio.toFixed(2)}`,
      };
    });
    const broken = stack.logs().match(/the event stream broke/g)?.length ?? 0;
    console.log(`\nstreams that broke: ${broken}; shown as in error without a reason: ${blamed}; lost or doubled: ${faults}`);
    faults += blamed;
  } finally {
    await Promise.all([stopMinimum(), stack.stop()]);
  }
} finally {
  sender.disconnect();
  neighbours.disconnect();
  await Promise.all([chatwoot.stop(), away.stop(), engine.stop()]);
  await postgres.stop();
}
process.exit(faults === 0 ? 0 : 1);

function shownLatencies(values: readonly number[]): string {
  return `p50 ${percentile(values, 0.5).toFixed(0)} ms, p99 ${percentile(values, 0.99).toFixed(0)} ms, most ${percentile(values, 1).toFixed(0)} ms`;
}

interface Figures {
  /** Messages a second. */
  readonly rate: number;
  /** Of api, bridge and PostgreSQL, for each message. */
  readonly cpuMs: number;
}

/** Milliseconds for each message. */
function cpuOf(before: CpuTimes, after: CpuTimes, messages: number): CpuTimes {
  return Object.fromEntries(
    Object.entries(after).map(([kind, used]) => [kind, ((used - (before[kind] ?? 0)) * 1_000) / messages]),
  );
}

function shownCpu(used: CpuTimes): string {
  return Object.entries(used)
    .filter(([, ms]) => ms >= 0.005)
    .map(([kind, ms]) => `${kind} ${ms.toFixed(2)}`)
    .join(', ');
}
