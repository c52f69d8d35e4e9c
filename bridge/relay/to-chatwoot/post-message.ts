import type { Conversation } from '../../chatwoot/answers.ts';
import type { ChatwootClient } from '../../chatwoot/client.ts';
import type { Attachment, NewMessage } from '../../chatwoot/resources/messages.ts';
import { messageSourceId } from '../source-id.ts';
import type { Addressee, ContactDirectory } from './contact-directory.ts';
import { type ConversationRules, type Conversations, chooseConversation } from './conversations.ts';
import type { Identity } from './identity.ts';
import type { MappedMessage, MessageMap } from './message-map.ts';
import { DeliveryFailure, expectValue, findValue, InboxGone, isAbsent } from './relay-error.ts';

/** Something to be shown in the conversation with a chat. */
export interface Post {
  /** Names it for good: posting it twice has the effect of once. */
  readonly whatsappId: string;
  readonly identity: Identity;
  readonly direction: 'incoming' | 'outgoing';
  /** Shown to agents only, and without waking a resolved conversation. */
  readonly isPrivate?: boolean | ((conversation: Conversation) => boolean);
  readonly content: string;
  readonly attachment?: Attachment | undefined;
  /** When it was written, which may be long before it is posted. */
  readonly sentAt?: Date | undefined;
  /** Id of the message it answers. */
  readonly replyTo?: string | undefined;
  /** It belongs to that message, and so into its conversation if that is still there. */
  readonly staysWithReply?: boolean;
  /** An earlier try may have succeeded without our knowing: Chatwoot is asked first. */
  readonly lookUp: boolean;
}

export type PostMessage = (post: Post) => Promise<void>;

/** What an agent deletes between two of our calls (contact, conversation) is looked for again this often. */
const ROUNDS = 3;
/** Where an earlier try may have ended up, at most. */
const SEARCHED_CONVERSATIONS = 3;
const PAGE = 100;

/**
 * Posts into Chatwoot: finds the contact and the conversation, and notes which message there is now the one of WhatsApp. Throws
 * DeliveryFailure or InboxGone.
 */
export function createPostMessage(deps: {
  client: ChatwootClient;
  map: MessageMap;
  directory: ContactDirectory;
  conversations: Conversations;
  rules: () => ConversationRules;
  inboxId: () => number;
}): PostMessage {
  const { client, map, directory, conversations } = deps;

  async function postOnce(post: Post, addressee: Addressee): Promise<'posted' | 'contact gone'> {
    const latest = await conversations.latestOf(addressee);
    if (latest === undefined) return 'contact gone';
    const earlier = post.lookUp ? await findPosted(post, latest) : undefined;
    const posted = earlier ?? (await create(post, addressee, latest));
    await map.record({ whatsappId: post.whatsappId, chat: addressee.sourceId, ...posted });
    return 'posted';
  }

  async function create(post: Post, addressee: Addressee, latest: readonly Conversation[]): Promise<Posted> {
    const quoted = post.replyTo === undefined ? null : await map.find(post.replyTo);
    const home = post.staysWithReply && quoted ? await homeOf(quoted, latest) : undefined;
    const rules = deps.rules();
    const conversation = home ?? chooseConversation(latest, rules) ?? (await conversations.create(addressee, rules));
    const message = await expectValue(client.messages.create(conversation.id, toMessage(post, conversation, quoted)));
    return { conversationId: conversation.id, chatwootMessageId: message.id };
  }

  async function homeOf({ conversationId }: MappedMessage, latest: readonly Conversation[]): Promise<Conversation | undefined> {
    return latest.find(({ id }) => id === conversationId) ?? (await findValue(client.conversations.get(conversationId)));
  }

  /** Our messages in a conversation are posted one after another, so it can only stand behind the last one that is known. */
  async function findPosted({ whatsappId }: Post, latest: readonly Conversation[]): Promise<Posted | undefined> {
    const sourceId = messageSourceId(whatsappId);
    for (const { id } of latest.slice(0, SEARCHED_CONVERSATIONS)) {
      let after = await map.lastMessageIn(id);
      for (;;) {
        const page = (await findValue(client.messages.list(id, { after }))) ?? [];
        const found = page.find((message) => message.source_id === sourceId);
        if (found !== undefined) return { conversationId: id, chatwootMessageId: found.id };
        if (after === undefined || page.length < PAGE) break;
        after = page.at(-1)?.id;
      }
    }
    return undefined;
  }

  return async (post) => {
    for (let round = 1; ; round += 1) {
      const addressee = await directory.resolve(post.identity).catch((error: unknown) => failed(error));
      try {
        if ((await postOnce(post, addressee)) === 'posted') return;
      } catch (error) {
        if (!(error instanceof DeliveryFailure) || !isAbsent(error.failure) || round >= ROUNDS) throw error;
        await expectInbox();
      }
      if (round >= ROUNDS) throw new Error('the contact vanishes as often as it is made');
      await directory.forget(addressee.contactId);
    }
  };

  /** A contact cannot get an address in an inbox that is not there. */
  async function failed(error: unknown): Promise<never> {
    if (error instanceof DeliveryFailure && isAbsent(error.failure)) await expectInbox();
    throw error;
  }

  async function expectInbox(): Promise<void> {
    const inbox = await client.inboxes.get(deps.inboxId());
    if (inbox.ok) return;
    // Any other 404 comes from something that is no Chatwoot.
    throw inbox.failure.kind === 'absent' ? new InboxGone() : new DeliveryFailure(inbox.failure);
  }
}

type Posted = Pick<MappedMessage, 'conversationId' | 'chatwootMessageId'>;

function toMessage(post: Post, conversation: Conversation, quoted: MappedMessage | null): NewMessage {
  const isPrivate = typeof post.isPrivate === 'function' ? post.isPrivate(conversation) : (post.isPrivate ?? false);
  // Chatwoot takes private notes for outgoing.
  const type = isPrivate ? 'outgoing' : post.direction;
  return {
    type,
    isPrivate,
    content: post.content,
    sourceId: messageSourceId(post.whatsappId),
    writtenAt: post.sentAt,
    attributes: {
      ...quote(post, conversation, quoted),
      ...(type === 'outgoing' && !isPrivate ? { external_echo: true } : {}),
    },
    attachment: post.attachment,
  };
}

/** By Chatwoot's own id where that is known: messages of agents have no other. */
function quote({ replyTo }: Post, conversation: Conversation, quoted: MappedMessage | null): Record<string, unknown> {
  if (replyTo === undefined) return {};
  if (quoted?.conversationId === conversation.id) return { in_reply_to: quoted.chatwootMessageId };
  return { in_reply_to_external_id: messageSourceId(replyTo) };
}
