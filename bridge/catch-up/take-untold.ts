import type { DatabaseClock } from '../../shared/database/clock.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { Message } from '../chatwoot/answers.ts';
import type { IntegrationRow } from '../integrations/store.ts';
import type { TakeEvent } from '../relay/to-whatsapp/take-event.ts';
import { textsOf } from '../texts/texts.ts';
import type { CatchUpStore } from './catch-up-store.ts';
import { type Place, untoldEvent } from './untold-event.ts';

/**
 * Takes what was found in a conversation as if its webhooks came now; what their webhooks have told, or tell later, counts once. An agent's
 * message is sent while it is young, else he is told. Throws what the database throws.
 */
export type TakeUntold = (row: IntegrationRow, messages: readonly Message[], place: Place) => Promise<void>;

const STORE_WITHIN_MS = 10_000;

export function createTakeUntold(deps: {
  takeEvent: TakeEvent;
  store: Pick<CatchUpStore, 'known'>;
  clock: DatabaseClock;
  lateReplyMs: number;
  logger: Logger;
}): TakeUntold {
  return async (row, messages, place) => {
    const events = messages
      .toSorted((one, other) => one.id - other.id)
      .map((message) => untoldEvent(message, place))
      .filter((event) => event.kind !== 'ignored' && event.kind !== 'unreadable');
    const written = events.flatMap((event) => (event.kind === 'created' ? [event.message.id] : []));
    const known = await deps.store.known(row.id, written);
    const nowMs = await deps.clock.nowMs();
    for (const event of events) {
      const message = event.kind === 'created' ? event.message : undefined;
      if (message !== undefined && known.has(message.id)) continue;
      const ageMs = nowMs - (message?.createdAt?.getTime() ?? 0);
      const refusal = ageMs > deps.lateReplyMs ? textsOf(row).replyReasons.tooLate : undefined;
      const isNew = await deps.takeEvent(row, event, { untilMs: performance.now() + STORE_WITHIN_MS, refusal });
      if (!isNew || message === undefined) continue;
      const which = { integrationId: row.id, conversationId: message.conversationId, chatwootMessageId: message.id };
      deps.logger.info({ ...which, ageMs, isSent: refusal === undefined }, 'found a message of which no webhook had told');
    }
  };
}
