import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createIntegrationStore } from '../../bridge/integrations/store.ts';
import { createLeases } from '../../bridge/leases/leases.ts';
import { registerProcess } from '../../bridge/leases/queries/processes.ts';
import { createDatabase, type Database } from '../../shared/database/database.ts';
import { bridgeRow } from '../support/bridge-row.ts';
import { createTestDatabase } from '../support/database.ts';
import { waitFor } from '../support/wait-for.ts';

const TIMES = { validityMs: 4_500, renewalMs: 50, lookMs: 10_000 };
const ID = 'int_1';

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = createDatabase({ url: testDatabase.url, poolSize: 3 });
  await database.prisma.bridgeIntegration.create({ data: bridgeRow({ id: ID, instanceId: 'ins_1' }) });
});
afterAll(async () => {
  await database?.stop();
  await testDatabase?.drop();
});

it('a row that another bridge takes between two looks of a turn is not told as a change of one that is run here, but as lost', async () => {
  const { prisma, pool } = database;
  const store = createIntegrationStore(database);
  await registerProcess(pool, { owner: 'rival', validityMs: 60_000 });
  let isRivalQuicker = false;
  const told: string[] = [];
  const leases = createLeases({
    pool,
    newOwner: () => 'ours',
    async load(ids) {
      if (isRivalQuicker && ids.length > 0)
        await prisma.$executeRaw`UPDATE bridge_integrations SET lease_owner = 'rival', lease_epoch = lease_epoch + 1 WHERE id = ${ID}`;
      return store.byIds(ids);
    },
    holder: {
      onAcquired: ({ leaseEpoch }) => told.push(`acquired ${leaseEpoch}`),
      onChanged: ({ leaseEpoch }) => told.push(`changed ${leaseEpoch}`),
      onStrayDue: () => {},
      onLost: () => told.push('lost'),
    },
    timeouts: TIMES,
    logger: pino({ level: 'silent' }),
  });
  const change = async (inboxName: string) => {
    await prisma.bridgeIntegration.update({ where: { id: ID }, data: { inboxName } });
    leases.refresh(ID);
  };
  leases.start();
  await waitFor(() => told.length === 1);
  await change('Loja 2');
  await waitFor(() => told.length === 2);
  isRivalQuicker = true;
  await change('Loja 3');
  // The change is looked at again where nobody was told of it.
  await waitFor(() => {
    leases.refresh(ID);
    return told.includes('lost');
  });
  await leases.stop();
  expect(told).toEqual(['acquired 1', 'changed 1', 'lost']);
});

it.each(['superseded', 'removing'] as const)(
  'one that was %s and is active again is run again as soon as that is told, as is one that was only dropped',
  async (state) => {
    const { prisma, pool } = database;
    const id = `int_${state}`;
    await prisma.bridgeIntegration.create({ data: bridgeRow({ id, instanceId: id }) });
    const told: string[] = [];
    const ofOurs = (what: string) => (row: { id: string }) => void (row.id === id && told.push(what));
    const leases = createLeases({
      pool,
      newOwner: () => `ours of ${state}`,
      load: createIntegrationStore(database).byIds,
      holder: {
        onAcquired: ofOurs('acquired'),
        onChanged: () => {},
        onStrayDue: () => {},
        onLost: (lost) => ofOurs('lost')({ id: lost }),
      },
      timeouts: { ...TIMES, lookMs: 600_000 },
      logger: pino({ level: 'silent' }),
    });
    const become = async (now: 'active' | typeof state) => {
      await prisma.bridgeIntegration.update({ where: { id }, data: { state: now } });
      leases.refresh(id);
    };
    leases.start();
    await waitFor(() => told.length === 1);
    await become(state);
    await waitFor(() => told.length === 2);
    await become('active');
    await waitFor(() => told.length === 3);
    leases.drop(id);
    leases.wake();
    await waitFor(() => told.length === 5);
    await leases.stop();
    expect(told).toEqual(['acquired', 'lost', 'acquired', 'lost', 'acquired', 'lost']);
  },
);
