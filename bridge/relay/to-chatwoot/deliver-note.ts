import { hashOf } from '../../../shared/content-hash.ts';
import type { CallEvent, EditEvent, ReactionEvent, RevokeEvent } from '../../../shared/engines/event.ts';
import type { Texts } from '../../texts/texts.ts';
import { noteId } from '../source-id.ts';
import type { Try } from './deliver-message.ts';
import type { Delivered } from './delivery.ts';
import type { EarlyEvents, EventSource } from './early-events.ts';
import type { Identity } from './identity.ts';
import type { MappedMessage, MessageMap } from './message-map.ts';
import type { Post, PostMessage } from './post-message.ts';
import { renderCall, renderEdit, renderReaction, renderRevocation, withSender } from './render.ts';

/** What happened to a message, as a message of its own that answers it: Chatwoot has no other way to change what was posted. */
export function createNoteDelivery(deps: {
  map: MessageMap;
  post: PostMessage;
  early: Pick<EarlyEvents, 'keep' | 'drop'>;
  /** Whether an agent has had a message deleted: WhatsApp tells of that as of any other deletion. */
  isDeletedHere: (chatwootMessageId: number) => Promise<boolean>;
  texts: () => Texts;
}) {
  const { map, post, early } = deps;

  return async function deliverNote(
    event: NoteEvent,
    identity: Identity,
    { lookUp, source, isLate = false }: Try,
  ): Promise<Delivered> {
    const note = noteOf(event, deps.texts());
    if ((await map.find(note.whatsappId)) !== null) return 'nothing to do';
    if (event.kind !== 'call') {
      const original = await originalOf(event.originalId);
      if (original === null) {
        // That something which Chatwoot never had was deleted is no news.
        if (isLate && event.kind === 'revoke') return 'nothing to do';
        if (!isLate && event.originalId !== '' && (await waits(event, note.whatsappId, source))) return 'nothing to do';
      }
      if (event.kind === 'revoke' && original !== null && (await deps.isDeletedHere(original.chatwootMessageId)))
        return 'nothing to do';
    }
    await post({ ...note, identity, direction: event.direction, staysWithReply: true, lookUp });
    return 'done';
  };

  async function originalOf(originalId: string): Promise<MappedMessage | null> {
    return originalId === '' ? null : map.findShown(originalId);
  }

  /** It has come before its message. False when that has come meanwhile. */
  async function waits({ kind, originalId }: Exclude<NoteEvent, CallEvent>, id: string, source: EventSource): Promise<boolean> {
    const waiting = { originalId, key: hashOf(id) };
    // What was deleted is told with its message only; what was said instead is told anyway, a little later.
    await early.keep({ ...waiting, isShownAnyway: kind !== 'revoke' }, source);
    if ((await originalOf(originalId)) === null) return true;
    await early.drop(waiting);
    return false;
  }
}

export type NoteEvent = EditEvent | RevokeEvent | ReactionEvent | CallEvent;

type Note = Pick<Post, 'whatsappId' | 'content' | 'replyTo' | 'isPrivate'>;

function noteOf(event: NoteEvent, texts: Texts): Note {
  switch (event.kind) {
    case 'edit': {
      const whatsappId = noteId(event.originalId, `edit-${hashOf([event.id, event.text])}`);
      return { whatsappId, content: named(event, renderEdit(event.text, texts), texts), replyTo: event.originalId };
    }
    case 'revoke':
      return {
        whatsappId: noteId(event.originalId, 'deleted'),
        content: named(event, renderRevocation(texts), texts),
        replyTo: event.originalId,
        isPrivate: true,
      };
    case 'reaction':
      return {
        whatsappId: noteId(
          event.originalId,
          `reaction-${hashOf([event.id, event.emoji, event.sender, event.sentAt?.getTime()])}`,
        ),
        content: named(event, renderReaction(event.emoji, texts), texts),
        replyTo: event.originalId === '' ? undefined : event.originalId,
        // A thumb up under what was settled does not open it again.
        isPrivate: ({ status }) => status === 'resolved',
      };
    case 'call':
      return { whatsappId: noteId(event.id, 'call'), content: renderCall(event.video, texts) };
  }
}

const named = ({ chat, direction, sender }: EditEvent | RevokeEvent | ReactionEvent, text: string, texts: Texts): string =>
  chat.type === 'group' && direction === 'incoming' ? withSender(text, sender, texts) : text;
