import { type Backoff, backoffMs } from '../../../shared/backoff.ts';
import type { Logger } from '../../../shared/logging/logger.ts';
import { createTurns } from '../../../shared/turns.ts';
import type { ChatwootAccess } from '../../chatwoot/client.ts';
import type { Texts } from '../../texts/texts.ts';
import type { ChatwootMessages, Told } from './chatwoot-messages.ts';
import type { DueReport, DueRetry } from './reply.ts';
import type { ReportStore } from './report-store.ts';

export interface Reporter {
  /** Looks now for what is to be told. */
  wake(): void;
  stop(): Promise<void>;
}

/** After so many calls that failed in one turn, Chatwoot is away rather than troubled by one of them. */
const ENOUGH = 3;

/**
 * Tells Chatwoot what became of the messages of one integration, and has it confirm the clicks on "retry". While Chatwoot is away it tries
 * again, with growing pauses, for as long as the replies are kept.
 */
export function createReporter(deps: {
  integrationId: string;
  epoch: number;
  /** Throws where the token cannot be decrypted. */
  access: () => ChatwootAccess & { readonly texts: Texts };
  store: ReportStore;
  messages: ChatwootMessages;
  pauses: Backoff;
  /** Something is to be sent again. */
  onRetry: () => void;
  logger: Logger;
}): Reporter {
  const { integrationId, epoch, store, messages, logger } = deps;
  let failures = 0;
  /** Something came up that the turn under way may not have seen. */
  let hasNews = false;

  /** False when Chatwoot has to be asked again. */
  async function tell(report: DueReport): Promise<boolean> {
    const access = deps.access();
    const told = await tellIn(access, report);
    if (told === 'later') {
      await store.noteAttempt(integrationId, report);
      return false;
    }
    const ref = { conversationId: report.conversationId, chatwootMessageId: report.chatwootMessageId, status: report.status };
    if (told === 'never') logger.warn({ integrationId, ...ref }, 'Chatwoot cannot be told what became of a message');
    await store.endReport(integrationId, report);
    return true;
  }

  function tellIn(access: ChatwootAccess & { readonly texts: Texts }, report: DueReport): Promise<Told> {
    switch (report.status) {
      case 'failed':
        return messages.markFailed(access, report, report.reason);
      case 'note':
        return messages.note(access, report, report.reason);
      case 'sent':
        return messages.markAs(access, report, report.tick);
    }
  }

  async function decide(retry: DueRetry): Promise<boolean> {
    if (retry.by === 'agent') {
      const now = await messages.statusOf(deps.access(), retry);
      if (now === 'later') return false;
      // Only a click takes a message that we had marked as failed back to `sent`; a delivery that came twice finds it failed again.
      if (now === 'gone' || now.status !== 'sent') {
        await store.refuseRetry(integrationId, epoch, retry);
        return true;
      }
    }
    if (!(await store.acceptRetry(integrationId, epoch, retry))) {
      await store.refuseRetry(integrationId, epoch, retry);
      return true;
    }
    logger.info({ integrationId, chatwootMessageId: retry.chatwootMessageId, by: retry.by }, 'sends a failed message again');
    deps.onRetry();
    return true;
  }

  async function look(signal: AbortSignal): Promise<boolean> {
    const tasks = [
      ...(await store.dueReports(integrationId)).map((report) => () => tell(report)),
      ...(await store.dueRetries(integrationId)).map((retry) => () => decide(retry)),
    ];
    let postponed = 0;
    for (const task of tasks) {
      if (signal.aborted || postponed === ENOUGH) return false;
      if (!(await task())) postponed += 1;
    }
    return postponed === 0;
  }

  async function tellAll(signal: AbortSignal): Promise<number | undefined> {
    hasNews = false;
    const isDone = await look(signal);
    failures = isDone ? 0 : failures + 1;
    if (!isDone) return backoffMs(deps.pauses, failures);
    return hasNews ? 0 : undefined;
  }

  const turns = createTurns({
    work: tellAll,
    onError: (error) => {
      logger.warn({ integrationId, reason: String(error) }, 'telling Chatwoot what became of messages failed, trying again');
      failures += 1;
      return backoffMs(deps.pauses, failures);
    },
  });

  return {
    wake() {
      hasNews = true;
      // While Chatwoot is away, the pause decides when it is asked again.
      if (failures === 0) turns.wake();
    },
    stop: turns.stop,
  };
}
