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
export type TakeUntold = (
  row: IntegrationRow,
  messages: readonly Message[],
  place: Place,
  /** In milliseconds since 1970: how old they are counts from here. */
  nowMs: number,
) => Promise<void>;

const STORE_WITHIN_MS = 10_000;
/** What is younger may just be on its way, whatever is set. */
const ON_ITS_WAY_MS = 60_000;

export function createTakeUntold(deps: {
  takeEvent: TakeEvent;
  store: Pick<CatchUpStore, 'known'>;
  lateReplyMs: number;
  onFound: (integrationId: string) => void;
  logger: Logger;
}): TakeUntold {
  const lateMs = Math.max(deps.lateReplyMs, ON_ITS_WAY_MS);
  return async (row, messages, place, nowMs) => {
    const events = messages
      .toSorted((one, other) => one.id - other.id)
      .map((message) => untoldEvent(message, place))
      .filter((event) => event.kind !== 'ignored' && event.kind !== 'unreadable' && event.kind !== 'begun');
    const written = events.flatMap((event) => (event.kind === 'created' ? [event.message.id] : []));
    const known = await deps.store.known(row.id, written);
    for (const event of events) {
      const message = event.kind === 'created' ? event.message : undefined;
      if (message !== undefined && known.has(message.id)) continue;
      const ageMs = nowMs - (message?.createdAt?.getTime() ?? 0);
      const refusal = ageMs > lateMs ? textsOf(row).replyReasons.tooLate : undefined;
      const isNew = await deps.takeEvent(row, event, { untilMs: performance.now() + STORE_WITHIN_MS, refusal });
      if (!isNew || message === undefined) continue;
      deps.onFound(row.id);
      const which = { integrationId: row.id, conversationId: message.conversationId, chatwootMessageId: message.id };
      deps.logger.info({ ...which, ageMs, isSent: refusal === undefined }, 'found a message of which no webhook had told');
    }
  };
}
