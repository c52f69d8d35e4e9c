import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createId, createToken, hashToken } from '../../../shared/auth/tokens.ts';
import { createDatabase, type Database } from '../../../shared/database/database.ts';
import type { CheckOutcome } from '../../../shared/engines/engine.ts';
import { engineOf } from '../../../shared/engines/registry.ts';
import { readStored } from '../../../shared/engines/stored.ts';
import { FRESH_CONNECTION } from '../../../shared/http/exchange.ts';
import { createConnectionWatch } from '../../../worker/engines/connections.ts';
import { createTestDatabase } from '../../support/database.ts';
import { waitFor } from '../../support/wait-for.ts';

let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
let database: Database;
const asked: string[] = [];
let answer: CheckOutcome = { kind: 'found', phone: 'connected', told: 'open', warnings: [] };

beforeAll(async () => {
  testDatabase = await createTestDatabase();
  database = createDatabase({ url: testDatabase.url, poolSize: 4 });
});
afterAll(async () => {
  await database.stop();
  await testDatabase.drop();
});

async function newInstance(name: string, { isActive }: { isActive: boolean }): Promise<string> {
  const accountId = createId('acc');
  const id = createId('ins');
  const { prisma } = database;
  await prisma.account.create({ data: { id: accountId, name: accountId, tokenHash: hashToken(createToken('account')) } });
  await prisma.instance.create({
    data: { id, accountId, name, engineKind: 'evolution', tokenHash: hashToken(createToken('instance')) },
  });
  if (!isActive) return id;
  await prisma.chatwootIntegration.create({
    data: {
      id: createId('cwi'),
      instanceId: id,
      bridgeIntegrationId: createId('int'),
      chatwootBaseUrl: 'https://chatwoot.example.com',
      chatwootAccountId: 1,
      chatwootToken: '',
      chatwootInboxName: 'x',
      signMessages: false,
      ignoreGroups: false,
      startAsPending: false,
      reopenResolved: true,
      activationId: 'act_x',
    },
  });
  return id;
}

/** A worker's watch, over engines that say nothing by themselves. */
const newWatch = () =>
  createConnectionWatch({
    prisma: database.prisma,
    pool: database.pool,
    kinds: ['evolution'],
    timeouts: { everyMs: 100, askEveryMs: 400, lookAgainMs: 60_000 },
    open: async () => ({
      engine: {
        ...engineOf('evolution'),
        async check({ instance }) {
          asked.push(instance);
          return answer;
        },
      },
      access: { url: 'http://127.0.0.1:9', token: 'x', route: FRESH_CONNECTION },
    }),
    logger: pino({ level: 'silent' }),
  });

it('asks engines that do not tell, for active instances only, and tells the bridge what has changed, once', async () => {
  const id = await newInstance('active', { isActive: true });
  await newInstance('idle', { isActive: false });
  const watches = [newWatch(), newWatch()];
  for (const watch of watches) watch.start();
  const stateOf = async () => (await database.prisma.instance.findUniqueOrThrow({ where: { id } })).connectionState;
  await waitFor(async () => (await stateOf()) === 'connected');
  answer = { kind: 'found', phone: 'logged_out', told: 'close', warnings: [] };
  await waitFor(async () => (await stateOf()) === 'logged_out');
  const times = asked.length;
  await waitFor(() => asked.length > times + 2);
  await Promise.all(watches.map((watch) => watch.stop()));

  expect(new Set(asked)).toEqual(new Set(['active']));
  const events = await database.prisma.engineEvent.findMany({ where: { instanceId: id }, orderBy: { sequence: 'asc' } });
  expect(events.map(({ payload }) => readStored('evolution', JSON.parse(payload ?? '')))).toMatchObject([
    { ok: true, event: { kind: 'state', phone: 'connected', state: 'open' } },
    { ok: true, event: { kind: 'state', phone: 'logged_out', state: 'close' } },
  ]);
});
