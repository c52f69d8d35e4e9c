import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { createWebhookCommands, type WebhookCommands } from '../../api/webhooks/commands.ts';
import { createId, createToken, hashToken } from '../../shared/auth/tokens.ts';
import { createDatabase, type Database } from '../../shared/database/database.ts';
import { createKeyring, type Keyring } from '../../shared/encryption/keyring.ts';
import { createGuardedAgents } from '../../shared/http/guarded-agents.ts';
import type { Turns } from '../../shared/turns.ts';
import { createWebhookDelivery } from '../../worker/notifications/deliver.ts';
import { WORKER_TIMEOUTS } from '../../worker/timeouts.ts';
import { createTestDatabase } from './database.ts';

export const BASE_URL = 'https://ponte.example.com';
export const NOTIFICATION_TIMES = { ...WORKER_TIMEOUTS.notifications, everyMs: 50 };

export interface NotificationsFixture {
  readonly database: Database;
  readonly keyring: Keyring;
  readonly webhooks: WebhookCommands;
  /** Everything that was logged. */
  readonly log: () => string;
  newAccount(): Promise<string>;
  newInstance(accountId: string, name?: string): Promise<string>;
  /** What a worker runs, started; `allow` is WEBHOOK_ALLOW_PRIVATE_NETWORK. */
  startDelivery(options?: { allow?: boolean }): Turns;
  stop(): Promise<void>;
}

/** A database, and what the api and a worker do there about notifications. */
export async function createNotificationsFixture(): Promise<NotificationsFixture> {
  const testDatabase = await createTestDatabase();
  const database = createDatabase({ url: testDatabase.url, poolSize: 6 });
  const { prisma } = database;
  const keyring = createKeyring([{ id: 'k1', secret: randomBytes(32) }]);
  const lines: string[] = [];
  const logger = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const running: Turns[] = [];
  const agents = [true, false].map((allow) => createGuardedAgents(allow, 'WEBHOOK_ALLOW_PRIVATE_NETWORK'));

  return {
    database,
    keyring,
    webhooks: createWebhookCommands({ prisma, keyring }),
    log: () => lines.join(''),
    async newAccount() {
      const id = createId('acc');
      await prisma.account.create({ data: { id, name: `account of ${id}`, tokenHash: hashToken(createToken('account')) } });
      return id;
    },
    async newInstance(accountId, name = 'suporte') {
      const id = createId('ins');
      await prisma.instance.create({ data: { id, accountId, name, tokenHash: hashToken(createToken('instance')) } });
      return id;
    },
    startDelivery({ allow = true } = {}) {
      const [open, guarded] = agents as [(typeof agents)[number], (typeof agents)[number]];
      const delivery = createWebhookDelivery({
        ...{ prisma, keyring, baseUrl: BASE_URL, timeouts: NOTIFICATION_TIMES, logger },
        agents: allow ? open : guarded,
      });
      running.push(delivery);
      delivery.start();
      return delivery;
    },
    async stop() {
      await Promise.all(running.map((turns) => turns.stop()));
      for (const pair of agents) pair.stop();
      await database.stop();
      await testDatabase.drop();
    },
  };
}
