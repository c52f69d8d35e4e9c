import { INTEGRATIONS_CHANNEL } from '../../bridge/leases/queries/leases.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { waitFor } from './wait-for.ts';

/**
 * Tells the bridges of a change, and waits until every one that lives has read it: each shows life at the beginning of a turn, so that the
 * turn before the second sign from now on has come to its end.
 */
export async function changeIsRead(prisma: PrismaClient, integrationId: string): Promise<void> {
  for (let turns = 0; turns < 2; turns += 1) {
    const before = new Map((await prisma.bridgeProcess.findMany()).map(({ owner, until }) => [owner, until.getTime()]));
    await prisma.$executeRaw`SELECT pg_notify(${INTEGRATIONS_CHANNEL}, ${integrationId})`;
    await waitFor(
      async () => (await prisma.bridgeProcess.findMany()).every(({ owner, until }) => until.getTime() > (before.get(owner) ?? 0)),
      { describe: 'every bridge taking another turn' },
    );
  }
}
