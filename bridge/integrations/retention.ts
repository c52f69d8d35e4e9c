import type { Logger } from '../../shared/logging/logger.ts';
import { createTurns, type Turns } from '../../shared/turns.ts';
import type { Removal } from './removal.ts';
import type { IntegrationStore } from './store.ts';

/** Longer than any activation may take: after this nobody works on it any more. */
const ABANDONED_AFTER_MS = 15 * 60_000;
/** A call for an activation can come no later than its deadline; this is far beyond it. */
const REMEMBERED_FOR_MS = 7 * 24 * 3_600_000;
const EVERY_MS = 60_000;
const BATCH = 20;

/**
 * Clears away what nobody asks for any more: activations that were neither finished nor undone by their caller, and the rows of what was
 * removed long ago. Any number of bridges may do so at once.
 */
export function createIntegrationRetention(deps: { store: IntegrationStore; removal: Removal; logger: Logger }): Turns {
  const { store, removal, logger: log } = deps;

  async function removeExpired(signal: AbortSignal): Promise<void> {
    for (const row of await store.abandoned(new Date(Date.now() - ABANDONED_AFTER_MS), BATCH)) {
      if (signal.aborted) return;
      await removal.cancel(row.idempotencyKey, { signal, log }).catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : 'unknown';
        log.warn({ integrationId: row.id, reason }, 'an abandoned activation could not be undone yet');
      });
    }
    await store.removeExpired(new Date(Date.now() - REMEMBERED_FOR_MS));
  }

  return createTurns({
    work: async (signal) => {
      await removeExpired(signal);
      return EVERY_MS;
    },
    onError: (error) => {
      log.warn({ reason: String(error) }, 'retention failed, trying again');
      return EVERY_MS;
    },
  });
}
