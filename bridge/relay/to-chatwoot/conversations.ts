import type { Conversation } from '../../chatwoot/answers.ts';
import type { ChatwootClient } from '../../chatwoot/client.ts';
import type { Addressee } from './contact-directory.ts';
import type { MessageMap } from './message-map.ts';
import { expectValue, findValue } from './relay-error.ts';

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
  return reopenResolved ? latest[0] : latest.find(({ status }) => status !== 'resolved');
}

export interface Conversations {
  /** Those of a contact in this inbox, the last active first. Undefined when the contact is no longer in Chatwoot. */
  latestOf(addressee: Addressee): Promise<Conversation[] | undefined>;
  /** A new one: `pending` where the rules say so, else open. */
  create(addressee: Addressee, rules: ConversationRules): Promise<Conversation>;
}

/** Throws DeliveryFailure. */
export function createConversations(deps: { client: ChatwootClient; map: MessageMap; inboxId: () => number }): Conversations {
  const { client, map } = deps;
  return {
    async latestOf({ contactId, sourceId }) {
      const listed = await findValue(client.conversations.of(contactId));
      const ours = listed?.filter((conversation) => conversation.inbox_id === deps.inboxId());
      if (listed === undefined || ours === undefined || listed.length < LISTED) return ours?.sort(byActivity);
      // Others fill the list; the one we wrote into last may still be behind it.
      const last = await map.lastConversationOf(sourceId);
      if (last === undefined || ours.some(({ id }) => id === last)) return ours.sort(byActivity);
      const found = await findValue(client.conversations.get(last));
      return (found?.inbox_id === deps.inboxId() ? [...ours, found] : ours).sort(byActivity);
    },
    create: ({ contactId, sourceId }, { startAsPending }) =>
      expectValue(client.conversations.create({ inboxId: deps.inboxId(), contactId, sourceId, isPending: startAsPending })),
  };
}

/** Chatwoot before 4.0.2 has them by id. */
const byActivity = (left: Conversation, right: Conversation): number =>
  (right.last_activity_at ?? 0) - (left.last_activity_at ?? 0) || right.id - left.id;
