import type { Conversation } from '../../chatwoot/answers.ts';
import type { ChatwootClient } from '../../chatwoot/client.ts';
import type { Addressee } from './contact-directory.ts';
import type { MessageMap } from './message-map.ts';
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
 * message); without it the latest that is not resolved. Undefined when a new one is due. `latest` are those of one inbox, the last active
 * first.
 */
export function chooseConversation(
  latest: readonly Conversation[],
  { reopenResolved }: ConversationRules,
): Conversation | undefined {
  if (!reopenResolved) return latest.find(({ status }) => status !== 'resolved');
  return latest.find((conversation) => conversation.status !== 'resolved' || !isEmpty(conversation)) ?? latest[0];
}

/** Nobody has written anything in it: as in the twin of a conversation, which is resolved and not to be opened again. */
export const isEmpty = (conversation: Conversation): boolean => conversation.last_non_activity_message === null;

export interface Conversations {
  /** Those of a contact in this inbox, the last active first. Undefined when the contact is no longer in Chatwoot. */
  latestOf(addressee: Addressee): Promise<Conversation[] | undefined>;
  /** A new one: `pending` where the rules say so, else open. */
  create(addressee: Addressee, latest: readonly Conversation[], rules: ConversationRules): Promise<Conversation>;
}

/** Throws DeliveryFailure; OutcomeUnknown while an earlier try may still make one. */
export function createConversations(deps: {
  client: ChatwootClient;
  map: MessageMap;
  postings: Postings;
  inboxId: () => number;
}): Conversations {
  const { client, map, postings } = deps;

  async function begin(posting: NewPosting & { kind: 'conversation' }): Promise<void> {
    const earlier = await postings.begin(posting, { again: false });
    if (earlier === undefined) return;
    // It is among those that are known now, and has been passed over: this is another one.
    const isKnown = posting.afterId > earlier.afterId;
    if (isKnown) await postings.forget(earlier);
    else if (earlier.endsInMs > 0) throw new OutcomeUnknown(earlier.endsInMs);
    await postings.begin(posting, { again: !isKnown });
  }

  return {
    async latestOf({ contactId, sourceId }) {
      const listed = await findValue(client.conversations.of(contactId));
      const ours = listed?.filter((conversation) => conversation.inbox_id === deps.inboxId());
      if (listed === undefined || ours === undefined || listed.length < LISTED) return ours?.sort(byActivity);
      // Others fill the list; the one we wrote into last may still be behind it.
      const last = await map.lastConversationOf(sourceId);
      if (last === undefined || ours.some(({ id }) => id === last)) return ours.sort(byActivity);
      const found = await findUnlessBroken(client.conversations.get(last));
      return (found?.inbox_id === deps.inboxId() ? [...ours, found] : ours).sort(byActivity);
    },

    async create({ contactId, sourceId }, latest, { startAsPending }) {
      const posting = { kind: 'conversation', contactId, afterId: Math.max(0, ...latest.map(({ id }) => id)) } as const;
      await begin(posting);
      const values = { inboxId: deps.inboxId(), contactId, sourceId, isPending: startAsPending };
      return postings.watch(posting, () => expectValue(client.conversations.create(values)));
    },
  };
}

/** Chatwoot before 4.0.2 has them by id. */
const byActivity = (left: Conversation, right: Conversation): number =>
  (right.last_activity_at ?? 0) - (left.last_activity_at ?? 0) || right.id - left.id;
