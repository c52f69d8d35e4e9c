import { setTimeout as delay } from 'node:timers/promises';
import { oldReleaseWarning } from '../../shared/contracts/releases.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { engineOf } from '../../shared/engines/registry.ts';
import { findHistory, type HistoryView } from '../../shared/histories/view.ts';
import { findWebhooks, webhookWarnings } from '../../shared/instances/engine-view.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { Instance } from '../auth/caller.ts';
import { API_LIMITS } from '../timeouts.ts';

const POLL_MS = 150;

export interface AfterActivation {
  readonly warnings: readonly string[];
  /** The import of history, where one was asked for. */
  readonly history?: HistoryView | undefined;
}

/** What the owner should know right after an activation. Never rejects: it has succeeded. */
export async function lookAfterActivation(
  prisma: PrismaClient,
  { instance, oldRelease, asksHistory }: { instance: Instance; oldRelease: string | null | undefined; asksHistory: boolean },
  log: Logger,
): Promise<AfterActivation> {
  const warnings = [...oldReleaseWarning(oldRelease), ...(await webhookWarningsOf(prisma, instance, log))];
  if (!asksHistory) return { warnings };
  try {
    const history = await findHistory(prisma, instance.id);
    return { warnings: [...warnings, ...(history?.warnings ?? [])], history };
  } catch (error) {
    log.warn({ instance: instance.name, reason: String(error) }, 'how far an import of history is could not be read');
    return { warnings };
  }
}

/**
 * What there is to know of the webhook of a WhatsApp engine. Waits a moment for the worker to have tried to set it; what is not known by then
 * is in `list` later.
 */
async function webhookWarningsOf(prisma: PrismaClient, instance: Instance, log: Logger): Promise<string[]> {
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
