import type { Conversation, Message } from '../../chatwoot/answers.ts';
import type { ChatwootClient } from '../../chatwoot/client.ts';
import { isPartialId, messageSourceId } from '../source-id.ts';
import { isEmpty } from './conversations.ts';
import type { MappedMessage, MessageMap } from './message-map.ts';
import type { Postings } from './postings.ts';
import type { Posting, Repeated } from './queries/postings.ts';
import { DeliveryFailure, expectValue, findValue, isAbsent, isBroken, OutcomeUnknown } from './relay-error.ts';

export type Posted = Pick<MappedMessage, 'conversationId' | 'chatwootMessageId'>;

/** What became of requests whose outcome was unknown. Throws DeliveryFailure. */
export interface EarlierPosts {
  /**
   * The message that an earlier try made. Where there is none, `again` says whether there was such a try, which can take effect no more. Throws
   * OutcomeUnknown while it can.
   */
  lookFor(
    whatsappId: string,
    latest: readonly Conversation[],
    /** Messages that are known to be something else under the same `source_id`. */
    except?: readonly number[],
  ): Promise<{ readonly found: Posted | undefined; readonly again: boolean }>;
  /** The message as somebody else has posted it, in the latest conversations; not before it was written. */
  findForeign(whatsappId: string, latest: readonly Conversation[], sentAt: Date | undefined): Promise<Posted | undefined>;
  /** Takes away what an earlier try has made after all, although it was repeated. */
  removeTwins(): Promise<void>;
}

/** Where a try of which nothing is noted may have ended up, at most. */
const SEARCHED_CONVERSATIONS = 3;
const PAGE = 100;
/** Without a bound of its own, Chatwoot answers with so many, and so many before a message. */
const PAGE_BACK = 20;
/** Whoever relays beside us may be that far ahead of us. */
const MOST_PAGES_BACK = 10;
/** How much the clocks of WhatsApp and Chatwoot may be apart. */
const CLOCKS_APART_MS = 120_000;

export function createEarlierPosts(deps: {
  client: ChatwootClient;
  map: MessageMap;
  postings: Postings;
  inboxId: () => number;
}): EarlierPosts {
  const { client, map, postings } = deps;

  /** All that we posted there as this message, behind a message that is older. */
  async function findIn(conversationId: number, whatsappId: string, afterId: number | undefined): Promise<Message[]> {
    const sourceId = messageSourceId(whatsappId);
    const found: Message[] = [];
    let after = afterId;
    for (;;) {
      const page = (await findValue(client.messages.list(conversationId, { after }))) ?? [];
      found.push(...page.filter((message) => message.source_id === sourceId));
      if (after === undefined || page.length < PAGE) return found;
      after = page.at(-1)?.id;
    }
  }

  /** From the latest on backwards, until what stands there is older than the message itself. */
  async function findBack(conversationId: number, whatsappId: string, sentAt: Date | undefined): Promise<Message | undefined> {
    const sourceId = messageSourceId(whatsappId);
    const sinceMs = (sentAt?.getTime() ?? Number.POSITIVE_INFINITY) - CLOCKS_APART_MS;
    let before: number | undefined;
    for (let pages = 0; pages < MOST_PAGES_BACK; pages += 1) {
      const page = (await findValue(client.messages.list(conversationId, before === undefined ? {} : { before }))) ?? [];
      const message = page.find(({ source_id }) => source_id === sourceId);
      if (message !== undefined) return message;
      const [oldest] = page.toSorted((left, right) => left.id - right.id);
      if (oldest === undefined || page.length < PAGE_BACK || (oldest.created_at ?? 0) * 1_000 < sinceMs) return undefined;
      before = oldest.id;
    }
    return undefined;
  }

  /** The conversations of a contact that was deleted cannot be read while they wait for their own deletion. */
  async function findWhereItWas({ key, contactId, conversationId, afterId }: Posting | Repeated): Promise<Message[]> {
    if (conversationId === null) return [];
    try {
      return await findIn(conversationId, key, afterId);
    } catch (error) {
      if (!(error instanceof DeliveryFailure) || !isBroken(error.failure)) throw error;
      const contact = await client.contacts.get(contactId);
      if (contact.ok || !isAbsent(contact.failure)) throw error;
      return [];
    }
  }

  async function removeMessageTwins(posting: Repeated): Promise<void> {
    const { kept, conversationId: first } = posting;
    // What stands for a message goes when the message comes, whose `source_id` it has.
    if (kept === undefined || isPartialId(posting.key)) return;
    for (const conversationId of new Set([first ?? kept.conversationId, kept.conversationId])) {
      const isFirst = conversationId === first;
      const found = isFirst ? await findWhereItWas(posting) : await findIn(conversationId, posting.key, posting.afterId);
      for (const { id, content_attributes } of found) {
        if (id !== kept.messageId && !content_attributes?.deleted) await findValue(client.messages.delete(conversationId, id));
      }
    }
  }

  /**
   * The one that is written in stays; an empty one is resolved, and chosen no more. It is not deleted: that only newer releases can, and a
   * conversation is nothing that Ponte takes from anybody.
   */
  async function resolveConversationTwins({ contactId, afterId }: Repeated): Promise<void> {
    const listed = (await findValue(client.conversations.of(contactId))) ?? [];
    const made = listed.filter(({ id, inbox_id }) => inbox_id === deps.inboxId() && id > afterId);
    const kept = made.find((conversation) => !isEmpty(conversation)) ?? made[0];
    for (const conversation of made) {
      if (conversation === kept || !isEmpty(conversation) || conversation.status === 'resolved') continue;
      await expectValue(client.conversations.resolve(conversation.id));
    }
  }

  return {
    async lookFor(whatsappId, latest, except = []) {
      const isIt = ({ id }: Message): boolean => !except.includes(id);
      const earlier = await postings.find(whatsappId);
      if (earlier !== undefined) {
        const message = (await findWhereItWas(earlier)).find(isIt);
        if (message !== undefined && earlier.conversationId !== null) {
          return { found: { conversationId: earlier.conversationId, chatwootMessageId: message.id }, again: false };
        }
      }
      const others = latest.filter(({ id }) => id !== earlier?.conversationId).slice(0, SEARCHED_CONVERSATIONS);
      for (const { id } of others) {
        // Our messages in a conversation are posted one after another, so it can only stand behind the last one that is known.
        const message = (await findIn(id, whatsappId, earlier?.afterId ?? (await map.lastMessageIn(id)))).find(isIt);
        if (message !== undefined) return { found: { conversationId: id, chatwootMessageId: message.id }, again: false };
      }
      if (earlier !== undefined && earlier.endsInMs > 0) throw new OutcomeUnknown(earlier.endsInMs);
      return { found: undefined, again: earlier !== undefined };
    },

    async findForeign(whatsappId, latest, sentAt) {
      for (const { id } of latest.slice(0, SEARCHED_CONVERSATIONS)) {
        const message = await findBack(id, whatsappId, sentAt);
        if (message !== undefined) return { conversationId: id, chatwootMessageId: message.id };
      }
      return undefined;
    },

    async removeTwins() {
      const removals = (await postings.repeated()).map(async (posting) => {
        await (posting.kind === 'message' ? removeMessageTwins(posting) : resolveConversationTwins(posting));
        await postings.forget(posting);
      });
      // One that cannot be looked at now keeps none of the others.
      const failed = (await Promise.allSettled(removals)).find((removal) => removal.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    },
  };
}
