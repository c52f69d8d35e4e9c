import { type Backoff, backoffMs } from '../../../shared/backoff.ts';
import type { Logger } from '../../../shared/logging/logger.ts';
import { createTurns } from '../../../shared/turns.ts';
import type { ChatwootAccess } from '../../chatwoot/client.ts';
import { isUndelivered } from '../../texts/texts.ts';
import type { ChatwootMessages } from './chatwoot-messages.ts';
import type { ReportStore } from './report-store.ts';

export interface CatchUp {
  /** Webhooks may have found nobody. */
  wake(): void;
  stop(): Promise<void>;
}

/** What is older has been seen by an agent long ago. */
const MISSED_WITHIN_MS = 30 * 60_000;
const MOST_CONVERSATIONS = 50;

/**
 * What Chatwoot could not tell: while no bridge took webhooks (a restart, an outage of the database), it marked the messages concerned as
 * failed, and found nobody to tell of that either. Looks for them in the conversations that moved last, once for each time it is woken.
 */
export function createCatchUp(deps: {
  integrationId: string;
  /** Throws where the token cannot be decrypted. */
  access: () => ChatwootAccess;
  store: Pick<ReportStore, 'recentConversations' | 'noteShownFailed'>;
  messages: Pick<ChatwootMessages, 'latestFailed'>;
  pauses: Backoff;
  logger: Logger;
}): CatchUp {
  const { integrationId, store, messages, logger } = deps;
  let failures = 0;

  async function look(signal: AbortSignal): Promise<number | undefined> {
    let corrected = 0;
    for (const conversationId of await store.recentConversations(integrationId, MISSED_WITHIN_MS, MOST_CONVERSATIONS)) {
      if (signal.aborted) return undefined;
      const failed = await messages.latestFailed(deps.access(), conversationId);
      if (failed === 'later') {
        failures += 1;
        return backoffMs(deps.pauses, failures);
      }
      for (const { id, reason } of failed) {
        if (!isUndelivered(reason) && (await store.noteShownFailed(integrationId, id))) corrected += 1;
      }
    }
    failures = 0;
    if (corrected > 0) logger.info({ integrationId, corrected }, 'Chatwoot shows messages as failed that are not');
    return undefined;
  }

  return createTurns({
    work: look,
    onError: (error) => {
      logger.warn({ integrationId, reason: String(error) }, 'looking for what Chatwoot could not tell failed, trying again');
      failures += 1;
      return backoffMs(deps.pauses, failures);
    },
  });
}
