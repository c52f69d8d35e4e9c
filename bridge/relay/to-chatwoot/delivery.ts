import { hashOf } from '../../../shared/content-hash.ts';
import type { CallEvent, Chat, HistoryEndEvent, MessageEvent, WhatsappEvent } from '../../../shared/engines/event.ts';
import type { createChatOfOriginal } from './chat-of-original.ts';
import type { createNameKeeper } from './contact-name.ts';
import type { createMessageDelivery, Try } from './deliver-message.ts';
import type { createNoteDelivery, NoteEvent } from './deliver-note.ts';
import type { createStatusDelivery } from './deliver-status.ts';
import type { EarlyEvents } from './early-events.ts';
import type { Health } from './health.ts';
import type { Histories } from './histories.ts';
import { type Identity, identityOf } from './identity.ts';
import type { People } from './people.ts';

/** Whether an event had anything to do in Chatwoot; or it was shown without its file, which waits for this and is tried again later. */
export type Delivered = 'done' | 'nothing to do' | { readonly waitsFor: string };
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
  chatOfOriginal: ReturnType<typeof createChatOfOriginal>;
  early: Pick<EarlyEvents, 'about' | 'keep' | 'drop'>;
  histories: Pick<Histories, 'close'>;
  health: Pick<Health, 'notice' | 'setPhone'>;
  /** What follows a message that has arrived: the ad it came from, the picture of who wrote it. */
  afterMessage: (event: MessageEvent, identity: Identity) => Promise<void>;
  /** An event carried nothing that anybody wrote or did. */
  onNothing: () => void;
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
    // Names and pictures are those of today, and come with what is written today.
    if (delivered !== 'nothing to do' && !event.isHistory) {
      await deps.keepName(identity);
      await deps.afterMessage(event, identity);
    }
    for (const early of await deps.early.about(event.id)) {
      const late = { attempt: 1, lookUp: true, isLate: true, isAgain: false };
      await note(early.event, { ...late, source: early.source, allotment: attempt.allotment });
      await deps.early.drop(early);
    }
    return delivered;
  }

  async function historyEnd({ chat }: HistoryEndEvent): Promise<Delivered> {
    const { identity } = await deps.people.identify(chat);
    await deps.histories.close(identity);
    return 'done';
  }

  async function note(told: NoteEvent, attempt: Try): Promise<Delivered> {
    const event = told.kind !== 'call' && told.chat.type === 'unknown' ? await withChat(told, attempt) : told;
    return event === undefined ? 'nothing to do' : deps.deliverNote(event, await identify(event), attempt);
  }

  /** In the chat of what it is about. Until that comes it waits; what never had an original is dropped with that. */
  async function withChat<Event extends Exclude<NoteEvent, CallEvent>>(
    told: Event,
    { source, isLate = false }: Try,
  ): Promise<Event | undefined> {
    const found = await deps.chatOfOriginal(told);
    if (found !== undefined || isLate) return found;
    const waiting = { originalId: told.originalId, key: hashOf([told.kind, told.id, told.originalId]) };
    await deps.early.keep({ ...waiting, isShownAnyway: false }, source);
    const meanwhile = await deps.chatOfOriginal(told);
    if (meanwhile !== undefined) await deps.early.drop(waiting);
    return meanwhile;
  }

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
      case 'history_end':
        return historyEnd(event);
      case 'state':
        if (event.phone !== undefined) await deps.health.setPhone(event.phone === 'connected' ? '' : event.phone);
        return 'nothing to do';
      case 'other':
        deps.onNothing();
        return 'nothing to do';
    }
  };
}
