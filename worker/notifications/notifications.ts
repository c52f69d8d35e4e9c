import type { WorkerConfig } from '../../shared/config/config.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { Keyring } from '../../shared/encryption/keyring.ts';
import { createGuardedAgents } from '../../shared/http/guarded-agents.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import { createSweep } from '../../shared/turns.ts';
import type { WorkerTimeouts } from '../timeouts.ts';
import { createCollection } from './collect.ts';
import { createWebhookDelivery } from './deliver.ts';
import { createOperatorMail } from './mail.ts';
import { removeOldDeliveries } from './queries/deliveries.ts';

const SWEEP_EVERY_MS = 600_000;
const KEEP_DAYS = 7;

/** Tells accounts, by their webhooks, and the operator, by mail, what happens. */
export function createNotifications(deps: {
  config: WorkerConfig;
  prisma: PrismaClient;
  keyring: Keyring;
  timeouts: WorkerTimeouts['notifications'];
  logger: Logger;
}): { start(): void; stop(): Promise<void> } {
  const { config, prisma, logger } = deps;
  const { BASE_URL: baseUrl, SMTP_URL, MAIL_FROM, MAIL_TO, MAIL_EVERY_MINUTES } = config;
  const agents = createGuardedAgents(config.WEBHOOK_ALLOW_PRIVATE_NETWORK, 'WEBHOOK_ALLOW_PRIVATE_NETWORK');
  const delivery = createWebhookDelivery({ ...deps, baseUrl, agents });
  const mail = createOperatorMail({
    ...deps,
    baseUrl,
    settings: SMTP_URL && MAIL_FROM && MAIL_TO ? { SMTP_URL, MAIL_FROM, MAIL_TO, MAIL_EVERY_MINUTES } : undefined,
  });
  const collection = createCollection({
    ...deps,
    bridge: { url: config.BRIDGE_URL, token: config.BRIDGE_TOKEN },
    onCollected: () => {
      delivery.wake();
      mail.wake();
    },
  });
  const sweep = createSweep({
    everyMs: SWEEP_EVERY_MS,
    work: (signal) => removeOldDeliveries(prisma, KEEP_DAYS, signal),
    onError: (error) => logger.warn({ reason: String(error) }, 'old deliveries could not be removed, trying again later'),
  });
  const parts = [collection, delivery, mail, sweep];
  return {
    start() {
      for (const part of parts) part.start();
    },
    async stop() {
      await Promise.all(parts.map((part) => part.stop()));
      agents.stop();
    },
  };
}
