import { expect } from 'vitest';
import { expectNoDefects } from './defects.ts';
import { dumpDatabase, dumpRedis } from './dump.ts';
import { waitFor } from './wait-for.ts';
import { MARKER, type World } from './world.ts';

/**
 * What must hold after any fault, once everything that was begun has come to its end: every accepted activation has one outcome and its
 * client was told no other; an instance that is active has one inbox in Chatwoot, any other has none; nothing happened that nobody had
 * foreseen; and no secret is anywhere.
 */
export async function expectInvariants(world: World, { settleMs = 30_000 }: { settleMs?: number } = {}): Promise<void> {
  const { prisma } = world.stack.database;
  const unfinished = { state: { in: ['pending', 'running'] as ('pending' | 'running')[] } };
  await waitFor(async () => (await prisma.activation.count({ where: unfinished })) === 0, {
    timeoutMs: settleMs,
    describe: 'every activation having an outcome',
  });
  await waitFor(async () => (await prisma.removal.count({ where: { state: { not: 'done' } } })) === 0, {
    timeoutMs: settleMs,
    describe: 'everything being removed that is to be removed',
  });
  await expectInboxes(world, settleMs);
  await expectTruth(world);
  expectNoDefects(world.stack, { killed: world.killed });
  await expectNoSecrets(world);
}

async function expectInboxes(world: World, settleMs: number): Promise<void> {
  const { prisma } = world.stack.database;
  const read = async () => {
    const rows = await prisma.chatwootIntegration.findMany({ select: { instanceId: true, chatwootInboxId: true } });
    const recorded = new Map(rows.map((row) => [row.instanceId, row.chatwootInboxId]));
    return world.places.map(({ instance, instanceId, account }) => {
      const inboxId = recorded.get(instanceId);
      const found = world.chatwoot.state.inboxes(account).map(({ id }) => id);
      return { instance, found, wanted: inboxId === undefined ? [] : [inboxId] };
    });
  };
  const isRight = ({ found, wanted }: { found: number[]; wanted: number[] }) => String(found) === String(wanted);
  // Chatwoot deletes a little later than it says.
  await waitFor(async () => (await read()).every(isRight), { timeoutMs: settleMs }).catch(() => {});
  expect((await read()).filter((place) => !isRight(place))).toEqual([]);
}

/** What clients were told is what the rows say, except where a client could not wait for the end. */
async function expectTruth(world: World): Promise<void> {
  const rows = await world.stack.database.prisma.activation.findMany();
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const { answer } of world.told) {
    const id = answer?.headers.get('x-activation-id');
    if (answer === undefined || !id) continue;
    const row = byId.get(id);
    expect(row?.finishedAt, `the end of ${id}`).not.toBeNull();
    if (answer.status === 201)
      expect(row).toMatchObject({ state: 'succeeded', bridgeIntegrationId: answer.body.bridge_integration_id });
    else if (answer.status !== 504 && answer.status !== 503)
      expect(row).toMatchObject({ state: 'failed', error: answer.body.error });
  }
}

async function expectNoSecrets({ stack, told }: World): Promise<void> {
  const places = {
    answers: JSON.stringify(told.map(({ answer }) => [answer?.body, answer && [...answer.headers]])),
    logs: stack.logs(),
    database: await dumpDatabase(stack.databaseUrl),
    redis: stack.redisUrl === undefined ? '' : await dumpRedis(stack.redisUrl),
  };
  for (const secret of [MARKER, stack.bridgeToken]) {
    expect(Object.entries(places).flatMap(([place, text]) => (text.includes(secret) ? [place] : []))).toEqual([]);
  }
}
