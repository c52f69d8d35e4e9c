import { cpus } from 'node:os';
import { migrate } from '../../shared/database/migrate.ts';
import { migrateQueue } from '../../shared/queue/engine.ts';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { createWhatsappEngineSimulator } from '../../simulators/whatsapp-engine/index.ts';
import { spawnProcess } from '../../test/support/process.ts';
import { type Stack, type StackProcess, startStackProcesses } from '../../test/support/stack-processes.ts';
import { startThrowawayPostgres } from '../../test/support/throwaway-postgres.ts';
import { activateFleet, type Fleet, openChatwoot } from './fleet.ts';
import { createFrontDoor } from './front-door.ts';
import { runBy, type Scene } from './takeover.ts';
import { createTraffic, type Traffic } from './traffic.ts';

const ENGINE_TOKEN = 'engine-account-token';
const SETTLE_TIMEOUT_MS = 120_000;

export interface Stage {
  readonly stack: Stack;
  /** The first has a Chatwoot of its own; all others share one. */
  readonly fleet: Fleet;
  readonly traffic: Traffic;
  /** What there is to kill: the bridge that runs most, and the others. */
  scene(): Promise<Scene>;
  /** Which bridges Chatwoot and the worker reach from now on. */
  useBridges(bridges: readonly StackProcess[]): void;
}

/**
 * Two bridges and as many integrations, all with messages already, on a PostgreSQL of their own. `run` resolves with what was lost, doubled or
 * out of order. Ends the process: with 1 if there was any.
 */
export async function onStage(
  { integrations, perSecond }: { integrations: number; perSecond: number },
  run: (stage: Stage) => Promise<readonly string[]>,
): Promise<never> {
  const postgres = await startThrowawayPostgres();
  const { url: databaseUrl } = postgres;
  const [chatwoot, separateChatwoot] = [createChatwootSimulator(), createChatwootSimulator()];
  const engine = createWhatsappEngineSimulator({ token: ENGINE_TOKEN });
  const door = await createFrontDoor();
  console.log(
    `${cpus()[0]?.model ?? 'unknown processor'} × ${cpus().length}, Node ${process.version}, ${integrations} integrations, two bridges, ` +
      `${perSecond} messages a second\n`,
  );
  let faults: readonly string[] = [];
  try {
    await migrate({ databaseUrl });
    await migrateQueue({ kind: 'postgres', url: databaseUrl });
    const [token, separateToken, { url: engineUrl }] = await Promise.all([
      openChatwoot(chatwoot),
      openChatwoot(separateChatwoot),
      engine.start(),
    ]);
    const places = (count: number, of: { chatwoot: ChatwootSimulator; token: string; chats: number }) =>
      Array.from({ length: count }, () => of);
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
      let bridges: readonly StackProcess[] = [];
      const useBridges = (next: readonly StackProcess[]): void => {
        bridges = next;
        door.leadTo(bridges.map(({ port }) => port));
      };
      useBridges(stack.bridges);
      const fleet = await activateFleet({
        stack,
        engine,
        places: [
          { chatwoot: separateChatwoot, token: separateToken, chats: 12 },
          ...places(integrations - 1, { chatwoot, token, chats: 2 }),
        ],
      });
      const traffic = createTraffic({ fleet, stack });
      for (const member of fleet.members) for (const chat of member.chats) traffic.write(member, chat);
      await traffic.settled(SETTLE_TIMEOUT_MS);

      const scene = async (): Promise<Scene> => {
        const counts = await Promise.all(bridges.map(async (bridge) => (await runBy({ stack, fleet }, bridge)).length));
        const victim = bridges[counts.indexOf(Math.max(...counts))];
        if (victim === undefined) throw new Error('there is no bridge');
        return { stack, fleet, traffic, door, victim, survivors: bridges.filter((bridge) => bridge !== victim), perSecond };
      };
      faults = await run({ stack, fleet, traffic, scene, useBridges });
    } finally {
      await stack.stop();
    }
  } finally {
    await Promise.all([chatwoot.stop(), separateChatwoot.stop(), engine.stop(), door.stop()]);
    await postgres.stop();
  }
  console.log(faults.length === 0 ? '\nNothing was lost, doubled or out of order.' : `\n${faults.join('\n')}`);
  process.exit(faults.length === 0 ? 0 : 1);
}
