// npm run bench:relay [-- --integrations 200]: what becomes of many integrations when a bridge is killed or frozen in the middle of its work,
// and what one silent Chatwoot does to the others. It stops by itself, and ends with 1 if anything was lost, doubled or out of order.
import { cpus } from 'node:os';
import { Command } from 'commander';
import { pino } from 'pino';
import { createEmbeddedPostgres } from '../embedded/postgres/embedded-postgres.ts';
import { migrate } from '../shared/database/migrate.ts';
import { migrateQueue } from '../shared/queue/engine.ts';
import { createChatwootSimulator } from '../simulators/chatwoot/index.ts';
import { createWhatsappEngineSimulator } from '../simulators/whatsapp-engine/index.ts';
import { freePort } from '../test/support/ports.ts';
import { spawnProcess } from '../test/support/process.ts';
import { type StackProcess, startStackProcesses } from '../test/support/stack-processes.ts';
import { activateFleet, openChatwoot } from './relay/fleet.ts';
import { createFrontDoor } from './relay/front-door.ts';
import { shownIsolation, silenceOne } from './relay/isolation.ts';
import { freezeUnderLoad, killUnderLoad, runBy, shownTakeover } from './relay/takeover.ts';
import { createTraffic } from './relay/traffic.ts';

const ENGINE_TOKEN = 'engine-account-token';
const SETTLE_TIMEOUT_MS = 120_000;

const { integrations, perSecond } = new Command()
  .name('npm run bench:relay --')
  .description('Takeover between bridges, and isolation of a silent Chatwoot')
  .option('--integrations <number>', 'at most 500', (text) => Math.min(500, Math.max(2, Number(text))), 200)
  .option('--per-second <number>', 'messages in all, at most 200', (text) => Math.min(200, Math.max(1, Number(text))), 20)
  .parse()
  .opts<{ integrations: number; perSecond: number }>();

const postgres = createEmbeddedPostgres({ ephemeral: true, port: await freePort(), log: pino({ level: 'error' }) });
const { url: databaseUrl } = await postgres.start();
const [chatwoot, silentChatwoot] = [createChatwootSimulator(), createChatwootSimulator()];
const engine = createWhatsappEngineSimulator({ token: ENGINE_TOKEN });
const door = await createFrontDoor();
console.log(
  `${cpus()[0]?.model ?? 'unknown processor'} × ${cpus().length}, Node ${process.version}, ${integrations} integrations, two bridges, ` +
    `${perSecond} messages a second\n`,
);
let faults: string[] = [];
try {
  await migrate({ databaseUrl });
  await migrateQueue({ kind: 'postgres', url: databaseUrl });
  faults = await run();
} finally {
  await Promise.all([chatwoot.stop(), silentChatwoot.stop(), engine.stop(), door.stop()]);
  await postgres.stop();
}
console.log(faults.length === 0 ? '\nNothing was lost, doubled or out of order.' : `\n${faults.join('\n')}`);
process.exit(faults.length === 0 ? 0 : 1);

async function run(): Promise<string[]> {
  const token = await openChatwoot(chatwoot);
  const silentToken = await openChatwoot(silentChatwoot);
  const { url: engineUrl } = await engine.start();
  const stack = await startStackProcesses(
    {
      engine: 'postgres',
      bridges: 2,
      env: {
        BRIDGE_URL: door.url,
        BRIDGE_PUBLIC_URL: door.url,
        ENGINE_URL: engineUrl,
        ENGINE_TOKEN,
        LOG_LEVEL: 'warn',
        RATE_LIMIT_PER_MINUTE: '1000000',
      },
    },
    { databaseUrl, redisUrl: undefined, startProcess: (options) => spawnProcess(options, () => {}) },
  );
  try {
    let bridges = [...stack.bridges];
    const useBridges = (next: StackProcess[]): void => {
      bridges = next;
      door.leadTo(bridges.map(({ port }) => port));
    };
    useBridges(bridges);
    const places = Array.from({ length: integrations - 1 }, () => ({ chatwoot, token, chats: 2 }));
    const fleet = await activateFleet({
      stack,
      engine,
      places: [{ chatwoot: silentChatwoot, token: silentToken, chats: 12 }, ...places],
    });
    const traffic = createTraffic({ fleet, stack });
    for (const member of fleet.members) for (const chat of member.chats) traffic.write(member, chat);
    await traffic.settled(SETTLE_TIMEOUT_MS);

    const scene = async () => {
      const counts = await Promise.all(bridges.map(async (bridge) => (await runBy({ stack, fleet }, bridge)).length));
      const victim = bridges[counts.indexOf(Math.max(...counts))] ?? stack.bridges[0];
      if (victim === undefined) throw new Error('there is no bridge');
      return { stack, fleet, traffic, door, victim, survivors: bridges.filter((bridge) => bridge !== victim), perSecond };
    };

    const killed = await scene();
    console.log(shownTakeover('kill -9 of a bridge', await killUnderLoad(killed)));
    useBridges([...killed.survivors, await stack.startBridge()]);

    console.log(shownTakeover('SIGSTOP of a bridge, SIGCONT afterwards', await freezeUnderLoad(await scene())));
    useBridges(bridges);

    const [silent] = fleet.members;
    if (silent === undefined) throw new Error('there is nobody');
    console.log(shownIsolation(await silenceOne({ stack, fleet, traffic, silent, perSecond, seconds: 15 })));
    return traffic.faults();
  } finally {
    await stack.stop();
  }
}
