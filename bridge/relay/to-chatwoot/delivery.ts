import type { Chat, MessageEvent, WhatsappEvent } from '../../../shared/engines/event.ts';
import type { createNameKeeper } from './contact-name.ts';
import type { createMessageDelivery, Try } from './deliver-message.ts';
import type { createNoteDelivery } from './deliver-note.ts';
import type { createStatusDelivery } from './deliver-status.ts';
import type { Health } from './health.ts';
import { identityOf } from './identity.ts';

/** Whether an event had anything to do in Chatwoot; or it was shown without its file, which waits for this and is tried again later. */
export type Delivered = 'done' | 'nothing to do' | { readonly waitsFor: string };
export type Deliver = (event: WhatsappEvent, attempt: Try) => Promise<Delivered>;

/** Nobody can answer there, and what is written there is written to no one in particular. */
const isPublic = ({ type }: Chat): boolean => type === 'newsletter' || type === 'broadcast';

/** Brings one event into Chatwoot. Throws what classify-error.ts judges. */
export function createDelivery(deps: {
  ignoresGroups: () => boolean;
  deliverMessage: ReturnType<typeof createMessageDelivery>;
  deliverNote: ReturnType<typeof createNoteDelivery>;
  deliverStatus: ReturnType<typeof createStatusDelivery>;
  keepName: ReturnType<typeof createNameKeeper>;
  /** What follows a message that has arrived: the ad it came from, the picture of who wrote it. */
  afterMessage: (event: MessageEvent) => Promise<void>;
  health: Health;
  /** An event carried nothing that anybody wrote or did. */
  onNothing: () => void;
}): Deliver {
  const isIgnored = (chat: Chat): boolean => isPublic(chat) || (chat.type === 'group' && deps.ignoresGroups());

  return async (event, attempt) => {
    if ('chat' in event && event.chat !== undefined && isIgnored(event.chat)) return 'nothing to do';
    switch (event.kind) {
      case 'message': {
        const delivered = await deps.deliverMessage(event, attempt);
        if (delivered !== 'nothing to do') {
          await deps.keepName(identityOf(event.chat));
          await deps.afterMessage(event);
        }
        return delivered;
      }
      case 'call':
        return event.direction === 'outgoing' ? 'nothing to do' : deps.deliverNote(event, attempt);
      case 'edit':
      case 'revoke':
      case 'reaction':
        return deps.deliverNote(event, attempt);
      case 'status':
        return deps.deliverStatus(event);
      case 'group':
        await deps.keepName(identityOf(event.chat));
        return 'nothing to do';
      case 'state':
        if (event.phone !== undefined) await deps.health.setPhone(event.phone === 'connected' ? '' : event.phone);
        return 'nothing to do';
      case 'other':
        deps.onNothing();
        return 'nothing to do';
    }
  };
}
