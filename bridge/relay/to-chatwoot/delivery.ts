import type { Chat, MessageEvent, WhatsappEvent } from '../../../shared/engines/event.ts';
import type { createNameKeeper } from './contact-name.ts';
import type { createMessageDelivery, Try } from './deliver-message.ts';
import type { createNoteDelivery, NoteEvent } from './deliver-note.ts';
import type { createStatusDelivery } from './deliver-status.ts';
import type { EarlyEvents } from './early-events.ts';
import type { Health } from './health.ts';
import { type Identity, identityOf } from './identity.ts';
import type { People } from './people.ts';

/** Whether an event had anything to do in Chatwoot. */
export type Delivered = 'done' | 'nothing to do';
export type Deliver = (event: WhatsappEvent, attempt: Try) => Promise<Delivered>;

/** Nobody can answer there, and what is written there is written to no one in particular. */
const isPublic = ({ type }: Chat): boolean => type === 'newsletter' || type === 'broadcast';

/** Brings one event into Chatwoot. Throws what classify-error.ts judges. */
export function createDelivery(deps: {
  ignoresGroups: () => boolean;
  people: People;
  deliverMessage: ReturnType<typeof createMessageDelivery>;
  deliverNote: ReturnType<typeof createNoteDelivery>;
  deliverStatus: ReturnType<typeof createStatusDelivery>;
  keepName: ReturnType<typeof createNameKeeper>;
  early: Pick<EarlyEvents, 'about' | 'drop'>;
  health: Pick<Health, 'notice' | 'setPhone'>;
}): Deliver {
  const isIgnored = (chat: Chat): boolean => isPublic(chat) || (chat.type === 'group' && deps.ignoresGroups());

  async function identify(event: WhatsappEvent & { readonly chat: Chat }): Promise<Identity> {
    await deps.people.learn(event);
    const { identity, doubt } = await deps.people.identify(event.chat);
    if (doubt !== undefined) deps.health.notice(doubt);
    return identity;
  }

  async function message(event: MessageEvent, attempt: Try): Promise<Delivered> {
    const identity = await identify(event);
    const delivered = await deps.deliverMessage(event, identity, attempt);
    if (delivered === 'done') await deps.keepName(identity);
    for (const early of await deps.early.about(event.id)) {
      await note(early.event, { attempt: 1, lookUp: true, source: early.source, isLate: true });
      await deps.early.drop(early);
    }
    return delivered;
  }

  const note = async (event: NoteEvent, attempt: Try): Promise<Delivered> =>
    deps.deliverNote(event, await identify(event), attempt);

  return async (event, attempt) => {
    if ('chat' in event && event.chat !== undefined && isIgnored(event.chat)) return 'nothing to do';
    switch (event.kind) {
      case 'message':
        return message(event, attempt);
      case 'call':
        return event.direction === 'outgoing' ? 'nothing to do' : note(event, attempt);
      case 'edit':
      case 'revoke':
      case 'reaction':
        return note(event, attempt);
      case 'status':
        return deps.deliverStatus(event);
      case 'group':
        await deps.keepName(identityOf(event.chat));
        return 'nothing to do';
      case 'state':
        if (event.phone !== undefined) await deps.health.setPhone(event.phone === 'connected' ? '' : event.phone);
        return 'nothing to do';
      case 'other':
        return 'nothing to do';
    }
  };
}
