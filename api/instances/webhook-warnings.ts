import { setTimeout as delay } from 'node:timers/promises';
import type { PrismaClient } from '../../shared/database/database.ts';
import { engineOf } from '../../shared/engines/registry.ts';
import { findWebhooks, webhookWarnings } from '../../shared/instances/engine-view.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { Instance } from '../auth/caller.ts';
import { API_LIMITS } from '../timeouts.ts';

const POLL_MS = 150;

/**
 * What the owner should know of the webhook of a WhatsApp engine right after an activation. Waits a moment for the worker to have tried to
 * set it; what is not known by then is in `list` later. Never rejects: the activation has succeeded.
 */
export async function warningsAfterActivation(prisma: PrismaClient, instance: Instance, log: Logger): Promise<string[]> {
  if (engineOf(instance.engineKind).webhook === undefined) return [];
  const untilMs = performance.now() + API_LIMITS.webhookTriedMs;
  try {
    do {
      const state = (await findWebhooks(prisma, [instance.id])).get(instance.id);
      if (state?.isTried) return webhookWarnings(state);
      await delay(POLL_MS);
    } while (performance.now() < untilMs);
    return ['the webhook of its engine is still being set — GET /api/chatwoot/list tells when it is'];
  } catch (error) {
    log.warn({ instance: instance.name, reason: String(error) }, 'what an engine says of its webhook could not be read');
    return [];
  }
}
