import { hashOf } from '../../../shared/content-hash.ts';
import type { CallEvent, EditEvent, ReactionEvent, RevokeEvent } from '../../../shared/engines/event.ts';
import type { Texts } from '../../texts/texts.ts';
import { noteId } from '../source-id.ts';
import type { Try } from './deliver-message.ts';
import type { Delivered } from './delivery.ts';
import { identityOf } from './identity.ts';
import type { MessageMap } from './message-map.ts';
import type { Post, PostMessage } from './post-message.ts';
import { renderCall, renderEdit, renderReaction, renderRevocation, withSender } from './render.ts';

/** What happened to a message, as a message of its own that answers it: Chatwoot has no other way to change what was posted. */
export function createNoteDelivery(deps: {
  map: MessageMap;
  post: PostMessage;
  /** Whether an agent has had a message deleted: WhatsApp tells of that as of any other deletion. */
  isDeletedHere: (chatwootMessageId: number) => Promise<boolean>;
  texts: () => Texts;
}) {
  const { map, post } = deps;

  return async function deliverNote(
    event: EditEvent | RevokeEvent | ReactionEvent | CallEvent,
    { lookUp }: Try,
  ): Promise<Delivered> {
    const note = noteOf(event, deps.texts());
    if ((await map.find(note.whatsappId)) !== null) return 'nothing to do';
    // That something which Chatwoot never had was deleted is no news.
    if (event.kind === 'revoke' && !(await isNews(event.originalId))) return 'nothing to do';
    await post({ ...note, identity: identityOf(event.chat), direction: event.direction, staysWithReply: true, lookUp });
    return 'done';
  };

  async function isNews(originalId: string): Promise<boolean> {
    const original = await map.findShown(originalId);
    return original !== null && !(await deps.isDeletedHere(original.chatwootMessageId));
  }
}

type Note = Pick<Post, 'whatsappId' | 'content' | 'replyTo' | 'isPrivate'>;

function noteOf(event: EditEvent | RevokeEvent | ReactionEvent | CallEvent, texts: Texts): Note {
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
