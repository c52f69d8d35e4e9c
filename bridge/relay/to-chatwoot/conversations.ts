import type { Conversation } from '../../chatwoot/answers.ts';
import type { ChatwootClient } from '../../chatwoot/client.ts';
import type { NewConversation } from '../../chatwoot/resources/conversations.ts';
import { addressOfJid, canonicalAddress, digitsOfPhone } from '../address.ts';
import type { Addressee } from './contact-directory.ts';
import type { ConversationAddresses } from './conversation-addresses.ts';
import type { Identity } from './identity.ts';
import type { NewPosting, Postings } from './postings.ts';
import { expectValue, findUnlessBroken, findValue, OutcomeUnknown } from './relay-error.ts';

/** What of an integration's settings decides about conversations. */
export interface ConversationRules {
  readonly reopenResolved: boolean;
  readonly startAsPending: boolean;
}

/** Chatwoot answers no more of them, over all inboxes. */
const LISTED = 20;

/**
 * The conversation a message belongs into: with `reopenResolved` the latest, whatever its status (Chatwoot itself opens it for an incoming
 * message); without it the latest that is not resolved. Undefined when a new one is due. `latest` are those of one inbox and of the address
 * it came from, the last active first. A blocked contact's are all resolved, from the moment they are made: there the latest goes on.
 */
export function chooseConversation(
  latest: readonly Conversation[],
  { reopenResolved }: ConversationRules,
): Conversation | undefined {
  if (!reopenResolved && !latest.some(isBlocked)) return latest.find(({ status }) => status !== 'resolved');
  return latest.find((conversation) => conversation.status !== 'resolved' || !isEmpty(conversation)) ?? latest[0];
}

const isBlocked = ({ muted, meta }: Conversation): boolean => muted === true || meta?.sender?.blocked === true;

/**
 * Whether a conversation is one with that person or group. `addresses` are those it is known to belong to: it stays with them though its
 * contact was merged, or has another number by now. One of which nothing is known (an agent has begun it, or another system) is that of
 * its contact's number; an empty one is anybody's.
 */
function belongsTo(conversation: Conversation, addresses: readonly string[], identity: Pick<Identity, 'addresses'>): boolean {
  if (addresses.length > 0) return addresses.some((address) => identity.addresses.includes(address));
  if (isEmpty(conversation)) return true;
  const contact = conversation.meta?.sender;
  const own = [digitsOfPhone(contact?.phone_number), addressOfJid(contact?.identifier)].filter((known) => known !== undefined);
  return own.length === 0 || own.some((address) => identity.addresses.includes(canonicalAddress(address)));
}

/** Nobody has written anything in it: as in the twin of a conversation, which is resolved and not to be opened again. */
export const isEmpty = (conversation: Conversation): boolean => conversation.last_non_activity_message === null;

export interface Conversations {
  /** Those of a contact in this inbox, the last active first. Undefined when the contact is no longer in Chatwoot. */
  latestOf(addressee: Addressee, identity: Identity): Promise<Conversation[] | undefined>;
  /** Which of these are conversations with that person or group. */
  of(identity: Identity, conversations: readonly Conversation[]): Promise<Conversation[]>;
  /** A new one: `pending` where the rules say so, else open. */
  create(addressee: Addressee, latest: readonly Conversation[], rules: ConversationRules): Promise<Conversation>;
  /** A new one for a chat's history: pending, so that nothing written there notifies anybody or opens it. */
  createForHistory(addressee: Addressee, latest: readonly Conversation[]): Promise<Conversation>;
}

/** Throws DeliveryFailure; OutcomeUnknown while an earlier try may still make one. */
export function createConversations(deps: {
  client: ChatwootClient;
  addresses: ConversationAddresses;
  postings: Postings;
  inboxId: () => number;
}): Conversations {
  const { client, addresses, postings } = deps;

  async function begin(posting: NewPosting & { kind: 'conversation' }): Promise<void> {
    const earlier = await postings.begin(posting, { again: false });
    if (earlier === undefined) return;
    // It is among those that are known now, and has been passed over: this is another one.
    const isKnown = posting.afterId > earlier.afterId;
    if (isKnown) await postings.forget(earlier);
    else if (earlier.endsInMs > 0) throw new OutcomeUnknown(earlier.endsInMs);
    await postings.begin(posting, { again: !isKnown });
  }

  async function create(
    { contactId, sourceId }: Addressee,
    latest: readonly Conversation[],
    more: Pick<NewConversation, 'isPending' | 'isHistory'>,
  ): Promise<Conversation> {
    const posting = { kind: 'conversation', contactId, afterId: Math.max(0, ...latest.map(({ id }) => id)) } as const;
    await begin(posting);
    const values = { inboxId: deps.inboxId(), contactId, sourceId, ...more };
    return postings.watch(posting, () => expectValue(client.conversations.create(values)));
  }

  return {
    async latestOf({ contactId }, identity) {
      const listed = await findValue(client.conversations.of(contactId));
      const ours = listed?.filter((conversation) => conversation.inbox_id === deps.inboxId());
      if (listed === undefined || ours === undefined || listed.length < LISTED) return ours?.sort(byActivity);
      // Others fill the list; the one we wrote into last may still be behind it.
      const last = await addresses.latestOf(identity.addresses);
      if (last === undefined || ours.some(({ id }) => id === last)) return ours.sort(byActivity);
      const found = await findUnlessBroken(client.conversations.get(last));
      return (found?.inbox_id === deps.inboxId() ? [...ours, found] : ours).sort(byActivity);
    },

    async of(identity, conversations) {
      const known = await addresses.of(conversations.map(({ id }) => id));
      return conversations.filter((conversation) => belongsTo(conversation, known.get(conversation.id) ?? [], identity));
    },

    create: (addressee, latest, { startAsPending }) => create(addressee, latest, { isPending: startAsPending }),
    createForHistory: (addressee, latest) => create(addressee, latest, { isPending: true, isHistory: true }),
  };
}

/** Chatwoot before 4.0.2 has them by id. */
const byActivity = (left: Conversation, right: Conversation): number =>
  (right.last_activity_at ?? 0) - (left.last_activity_at ?? 0) || right.id - left.id;
