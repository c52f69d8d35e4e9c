import { cutTo } from '../../../shared/text/cut.ts';
import type { Conversation } from '../../chatwoot/answers.ts';
import type { ChatwootClient } from '../../chatwoot/client.ts';
import { readProfile } from '../../chatwoot/diagnosis.ts';
import type { Attachment, NewMessage } from '../../chatwoot/resources/messages.ts';
import { BRIDGE_LIMITS } from '../../timeouts.ts';
import { messageSourceId } from '../source-id.ts';
import type { Addressee, ContactDirectory } from './contact-directory.ts';
import { type ConversationRules, type Conversations, chooseConversation, isEmpty } from './conversations.ts';
import type { EarlierPosts, Posted } from './earlier-posts.ts';
import type { Histories } from './histories.ts';
import type { Home, Homes } from './homes.ts';
import type { Identity } from './identity.ts';
import { plain } from './markdown.ts';
import type { MappedMessage, MessageMap } from './message-map.ts';
import type { Postings } from './postings.ts';
import {
  AccountGone,
  DeliveryFailure,
  expectValue,
  findUnlessBroken,
  InboxGone,
  isAbsent,
  OutcomeUnknown,
} from './relay-error.ts';

/** Something to be shown in the conversation with a chat. */
export interface Post {
  /** Names it for good: posting it twice has the effect of once. */
  readonly whatsappId: string;
  readonly identity: Identity;
  readonly direction: 'incoming' | 'outgoing';
  /** Shown to agents only, and without waking a resolved conversation. */
  readonly isPrivate?: boolean | ((conversation: Place) => boolean);
  readonly content: string;
  /**
   * It was written before the activation, and goes where nobody is notified of it. In a conversation that it would open it is a private note,
   * in these words.
   */
  readonly history?: HistoryPost | undefined;
  readonly attachment?: Attachment | undefined;
  /** When it was written, which may be long before it is posted. */
  readonly sentAt?: Date | undefined;
  /** Id of the message it answers. */
  readonly replyTo?: string | undefined;
  /** What that says: it stands in the text where Chatwoot cannot point to it. */
  readonly quotedText?: string | undefined;
  /** It belongs to that message, and so into its conversation if that is still there. */
  readonly staysWithReply?: boolean;
  /**
   * Of what goes where the messages of its chat go: since when the bridge has it, by `performance.now()`. Chatwoot is not asked for the
   * conversation where it is known.
   */
  readonly takenAtMs?: number | undefined;
  /** An earlier try may have succeeded without our knowing: Chatwoot is asked first. */
  readonly lookUp: boolean;
  /** Whoever relayed into this inbox before us may have posted it. */
  readonly mayStandThere?: boolean;
  /** Messages in Chatwoot that stand for it and are not it. */
  readonly except?: readonly number[];
}

type Place = Pick<Conversation, 'id' | 'status'>;

interface HistoryPost {
  readonly asNote: string;
  /** What its conversation begins with. */
  readonly heading: string;
  /** All else of the history may be there already. */
  readonly isLate: boolean;
}

export type PostMessage = (post: Post) => Promise<void>;

/** What an agent deletes between two of our calls (contact, conversation) is looked for again this often. */
const ROUNDS = 3;
/**
 * Posts into Chatwoot: finds the contact and the conversation, and notes which message there is now the one of WhatsApp. Throws
 * DeliveryFailure, InboxGone or AccountGone; OutcomeUnknown while an earlier try may still take effect.
 */
export function createPostMessage(deps: {
  client: ChatwootClient;
  map: MessageMap;
  postings: Postings;
  earlier: EarlierPosts;
  directory: ContactDirectory;
  conversations: Conversations;
  histories: Pick<Histories, 'homeOf' | 'forPresent' | 'began' | 'goesOn'>;
  homes: Homes;
  rules: () => ConversationRules;
  inboxId: () => number;
}): PostMessage {
  const { client, map, postings, directory, conversations, histories, homes } = deps;

  async function postOnce(post: Post, addressee: Addressee): Promise<'posted' | 'contact gone'> {
    const known = homeOfChat(post, addressee);
    const posted = known === undefined ? await lookAndPost(post, addressee) : await send(post, addressee, known);
    if (posted === 'contact gone') return posted;
    const { contactId, sourceId: chat } = addressee;
    await postings.done({ whatsappId: post.whatsappId, chat, contactId, ...posted });
    return 'posted';
  }

  function homeOfChat(post: Post, addressee: Addressee): Sending | undefined {
    if (post.takenAtMs === undefined || post.lookUp || post.mayStandThere || post.history !== undefined) return undefined;
    const conversation = homes.find(post.identity, addressee, post.takenAtMs);
    return conversation && { conversation, again: false };
  }

  async function lookAndPost(post: Post, addressee: Addressee): Promise<Posted | 'contact gone'> {
    const readAtMs = performance.now();
    const latest = await conversations.latestOf(addressee, post.identity);
    if (latest === undefined) return 'contact gone';
    const own = await conversations.of(post.identity, latest);
    const { found, again } = post.lookUp ? await deps.earlier.lookFor(post.whatsappId, own, post.except) : NOTHING_EARLIER;
    const foreign =
      found === undefined && post.mayStandThere
        ? await deps.earlier.findForeign(post.whatsappId, latest, post.sentAt)
        : undefined;
    return found ?? foreign ?? create(post, addressee, { latest, own, again, readAtMs });
  }

  async function create(
    post: Post,
    { contactId, ...addressee }: Addressee,
    {
      latest,
      own,
      again,
      readAtMs,
    }: Readonly<Record<'latest' | 'own', readonly Conversation[]>> & Pick<Home, 'readAtMs'> & { again: boolean },
  ): Promise<Posted> {
    const quoted = await quotedBy(post);
    const home = post.staysWithReply && quoted ? await homeOf(quoted, post.identity, own) : undefined;
    const conversation =
      post.history === undefined
        ? await conversationNow({ contactId, ...addressee }, { latest, own, home })
        : await conversationForHistory({ contactId, ...addressee }, { latest, own, history: post.history });
    const posted = await send(post, { contactId }, { conversation, again, quoted });
    if (post.takenAtMs !== undefined && post.history === undefined) {
      const { id, status } = conversation;
      homes.keep(post.identity, { id, status, contactId, isOnly: latest.every((other) => other.id === id), readAtMs });
    }
    return posted;
  }

  async function quotedBy({ replyTo }: Post): Promise<MappedMessage | null> {
    return replyTo === undefined ? null : map.findShown(replyTo);
  }

  async function send(
    post: Post,
    { contactId }: Pick<Addressee, 'contactId'>,
    { conversation, again, ...known }: Sending,
  ): Promise<Posted> {
    const { whatsappId, identity, direction } = post;
    const { id: conversationId } = conversation;
    const quoted = known.quoted === undefined ? await quotedBy(post) : known.quoted;
    const chat = { sourceId: identity.sourceId, direction };
    const hasFile = post.attachment !== undefined;
    const posting = { kind: 'message', whatsappId, contactId, conversationId, hasFile, chat } as const;
    const earlier = await postings.begin(posting, { again });
    // Another try looks for it.
    if (earlier !== undefined) throw new OutcomeUnknown(earlier.endsInMs);
    const request = () => expectValue(client.messages.create(conversationId, toMessage(post, conversation, quoted)));
    const message = await postings.watch(posting, request);
    return { conversationId, chatwootMessageId: message.id };
  }

  async function conversationNow(
    addressee: Addressee,
    { latest, own, home }: { latest: readonly Conversation[]; own: readonly Conversation[]; home: Conversation | undefined },
  ): Promise<Conversation> {
    const rules = deps.rules();
    const { usual, closed } = await histories.forPresent(own);
    const chosen = home ?? chooseConversation(usual, rules) ?? chooseConversation(closed, rules);
    if (chosen !== undefined && closed.some(({ id }) => id === chosen.id)) await histories.goesOn(chosen.id);
    return chosen ?? (await conversations.create(addressee, latest, rules));
  }

  /** Begins with a note of what follows, which also keeps Chatwoot from greeting a customer who wrote long ago. */
  async function conversationForHistory(
    addressee: Addressee,
    { latest, own, history }: { latest: readonly Conversation[]; own: readonly Conversation[]; history: HistoryPost },
  ): Promise<Conversation> {
    const known = await histories.homeOf(own, history.isLate);
    if (known !== undefined && !isEmpty(known)) return known;
    const home = known ?? (await conversations.createForHistory(addressee, latest));
    // An inbox with one conversation for each contact hands out that one.
    if (known === undefined && latest.some(({ id }) => id === home.id)) return home;
    if (known === undefined) await histories.began(home.id);
    await expectValue(client.messages.createNote(home.id, history.heading));
    return home;
  }

  async function homeOf(
    { conversationId }: MappedMessage,
    identity: Identity,
    own: readonly Conversation[],
  ): Promise<Conversation | undefined> {
    const listed = own.find(({ id }) => id === conversationId);
    if (listed !== undefined) return listed;
    const found = await findUnlessBroken(client.conversations.get(conversationId));
    return found === undefined ? undefined : (await conversations.of(identity, [found]))[0];
  }

  return async (post) => {
    for (let round = 1; ; round += 1) {
      const addressee = await directory.resolve(post.identity).catch((error: unknown) => failed(error));
      try {
        if ((await postOnce(post, addressee)) === 'posted') return;
      } catch (error) {
        const wasKnown = homes.drop(post.identity);
        if (!(error instanceof DeliveryFailure) || !isAbsent(error.failure) || round >= ROUNDS) throw error;
        // Perhaps it is only the conversation that was deleted.
        if (wasKnown) continue;
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
    if (inbox.failure.kind !== 'absent') throw new DeliveryFailure(inbox.failure);
    // An account that was deleted is absent in the same words, but has no members any more.
    const profile = await client.getProfile(BRIDGE_LIMITS.diagnoseMs);
    const isGone = profile.ok && readProfile(profile.value, client.access().accountId) === 'not_member';
    throw isGone ? new AccountGone() : new InboxGone();
  }
}

/** Where a message goes. */
interface Sending {
  readonly conversation: Place;
  /** An earlier try was looked for, and is not there. */
  readonly again: boolean;
  /** What it quotes, where that is known. */
  readonly quoted?: MappedMessage | null;
}

/** Enough to know what is meant. */
const QUOTE_LENGTH = 200;

const NOTHING_EARLIER = { found: undefined, again: false } as const;

function toMessage(post: Post, conversation: Place, quoted: MappedMessage | null): NewMessage {
  const isAskedFor = typeof post.isPrivate === 'function' ? post.isPrivate(conversation) : (post.isPrivate ?? false);
  const asNote = wouldOpen(conversation) ? post.history?.asNote : undefined;
  const isPrivate = isAskedFor || asNote !== undefined;
  // Chatwoot takes private notes for outgoing.
  const type = isPrivate ? 'outgoing' : post.direction;
  return {
    type,
    isPrivate,
    content: [quoteInWords(post, conversation, quoted), asNote ?? post.content].filter((text) => text !== '').join('\n\n'),
    sourceId: messageSourceId(post.whatsappId),
    writtenAt: post.sentAt,
    attributes: {
      ...quote(post, conversation, quoted),
      ...(type === 'outgoing' && !isPrivate ? { external_echo: true } : {}),
    },
    attachment: post.attachment,
  };
}

/** Whatever is not known in this conversation, as what was written before Ponte, or in a conversation that was resolved. */
function quoteInWords({ replyTo, quotedText = '' }: Post, conversation: Place, quoted: MappedMessage | null): string {
  if (replyTo === undefined || quotedText.trim() === '' || quoted?.conversationId === conversation.id) return '';
  const lines = cutTo(quotedText.trim(), QUOTE_LENGTH, '…').split('\n');
  return lines.map((line) => `> ${plain(line)}`).join('\n');
}
/** Whether what a customer writes there opens it again. */
const wouldOpen = ({ status }: Place): boolean => status === 'resolved' || status === 'snoozed';

/** By Chatwoot's own id where that is known: messages of agents have no other. */
function quote({ replyTo }: Post, conversation: Place, quoted: MappedMessage | null): Record<string, unknown> {
  if (replyTo === undefined) return {};
  if (quoted?.conversationId === conversation.id) return { in_reply_to: quoted.chatwootMessageId };
  return { in_reply_to_external_id: messageSourceId(replyTo) };
}
