import type { Stack } from '../../test/support/stack-processes.ts';
import { waitFor } from '../../test/support/wait-for.ts';
import { ACCOUNT, type Fleet, type Member } from './fleet.ts';

/** A message that somebody sent on WhatsApp, and when, by `Date.now()`. */
export interface SentMessage {
  readonly id: string;
  readonly member: Member;
  readonly chat: string;
  readonly atMs: number;
}

/** An agent's answer, by its id in Chatwoot. */
export interface SentReply {
  readonly messageId: number;
  readonly text: string;
  readonly member: Member;
  readonly conversationId: number;
}

export interface Traffic {
  readonly sent: readonly SentMessage[];
  /** Somebody writes. */
  write(member: Member, chat: string): SentMessage;
  /** Everybody writes, `perSecond` messages in all, evenly spread; every third is answered by an agent if `withReplies`. */
  begin(options: { members: readonly Member[]; perSecond: number; withReplies: boolean }): { stop(): void };
  /** How long each of these took to Chatwoot, in milliseconds; infinite for one that is not there. */
  latenciesMs(messages: readonly SentMessage[]): number[];
  /** Until nothing is on its way any more, in either direction. */
  settled(timeoutMs: number): Promise<void>;
  /** What is lost, there twice or out of order, in words. */
  faults(options?: { mayOvertake: (reply: SentReply) => boolean }): string[];
  /** Of these faults, how many messages and replies are lost, and how many are there more than once. */
  counts(): { readonly lost: number; readonly doubled: number };
  /** How many replies are shown as failed in Chatwoot, because nobody knows or because the webhook got no answer. */
  failedReplies(): number;
  /** Replies that are shown as failed and did go out, in words. */
  wronglyFailed(): string[];
  /** Replies that reached nobody, and of which Chatwoot says nothing. */
  lostReplies(): SentReply[];
  /** Messages that Chatwoot has more than once. */
  doubledMessages(): SentMessage[];
  /** How many there were. */
  replies(): number;
}

const TICK_MS = 20;
/** No divisor of how many members there are, or the same few would get all replies. */
const REPLY_EVERY = 3;

/** People on WhatsApp and agents in Chatwoot, and the books that are kept of what they write. */
export function createTraffic({ fleet, stack }: { fleet: Fleet; stack: Stack }): Traffic {
  const { engine } = fleet;
  const sent: SentMessage[] = [];
  const replies: SentReply[] = [];
  const chatwoots = [...new Set(fleet.members.map(({ chatwoot }) => chatwoot))];

  function write(member: Member, chat: string): SentMessage {
    const text = `message ${sent.length + 1} to ${member.name}`;
    const { id } = engine.state.receive(member.name, {
      from: { phone: chat, name: `Customer ${chat.slice(-3)}` },
      content: { type: 'text', text },
    });
    const message = { id, member, chat, atMs: Date.now() };
    sent.push(message);
    return message;
  }

  function answer(member: Member, chat: string): void {
    const { state } = member.chatwoot;
    const address = state.contactInboxes().find(({ inboxId, sourceId }) => inboxId === member.inboxId && sourceId === chat);
    const conversation = state.conversations(ACCOUNT).findLast(({ contactInboxId }) => contactInboxId === address?.id);
    if (conversation === undefined) return;
    const text = `reply ${replies.length + 1} of ${member.name}`;
    const { id: messageId } = state.reply(ACCOUNT, conversation.displayId, { content: text });
    replies.push({ messageId, text, member, conversationId: conversation.id });
  }

  const replyIn = ({ member, messageId }: SentReply) =>
    member.chatwoot.state.messages(ACCOUNT).find(({ id }) => id === messageId);
  const isFailed = (reply: SentReply): boolean => replyIn(reply)?.status === 'failed';

  /** A reply that nobody knows about is shown as failed: it may have arrived, and then anywhere among the others. */
  const textsTo = (member: Member): string[] =>
    engine.state.sent(member.name).map(({ content }) => (content.type === 'text' ? content.text : ''));

  function replyFaults(mayOvertake: (reply: SentReply) => boolean): string[] {
    const faults: string[] = [];
    const last = new Map<string, number>();
    for (const reply of replies) {
      const { member, conversationId, text } = reply;
      const texts = textsTo(member);
      const count = timesIn(texts, text);
      const failed = isFailed(reply);
      if (count > 1) faults.push(`"${text}" reached WhatsApp ${count} times`);
      if (count === 0 && !failed) faults.push(`"${text}" is lost, and Chatwoot shows it as ${replyIn(reply)?.status}`);
      if (failed && typeof replyIn(reply)?.contentAttributes.external_error !== 'string')
        faults.push(`"${text}" failed without a reason`);
      if (count !== 1 || failed) continue;
      const conversation = `${member.name} ${conversationId}`;
      const place = texts.indexOf(text);
      if (place < (last.get(conversation) ?? -1) && !mayOvertake(reply))
        faults.push(`"${text}" overtook another reply in its conversation`);
      last.set(conversation, place);
    }
    return faults;
  }

  return {
    sent,
    write,

    begin({ members, perSecond, withReplies }) {
      const beganAtMs = Date.now();
      let count = 0;
      const timer = setInterval(() => {
        // By the clock, not by the ticks: a busy machine skips some.
        const due = ((Date.now() - beganAtMs) / 1_000) * perSecond;
        for (; count < due; count += 1) {
          const member = members[count % members.length];
          const chat = member?.chats[Math.floor(count / members.length) % member.chats.length];
          if (member === undefined || chat === undefined) return;
          write(member, chat);
          if (withReplies && count % REPLY_EVERY === 0) answer(member, chat);
        }
      }, TICK_MS);
      return { stop: () => clearInterval(timer) };
    },

    latenciesMs(messages) {
      const arrived = new Map(
        chatwoots.flatMap(({ state }) =>
          state.messages(ACCOUNT).map(({ sourceId, createdAt }) => [sourceId, createdAt] as const),
        ),
      );
      return messages.map(({ id, atMs }) => (arrived.get(`WAID:${id}`) ?? Number.POSITIVE_INFINITY) - atMs);
    },

    async settled(timeoutMs) {
      const { prisma } = stack.database;
      await waitFor(
        async () => {
          if (engine.state.pendingDeliveries() > 0) return false;
          if (chatwoots.some(({ state }) => state.webhooks.pending > 0)) return false;
          const replying = { OR: [{ state: { in: ['pending' as const, 'sending' as const] } }, { report: { not: '' } }] };
          if ((await prisma.bridgeReply.count({ where: replying })) > 0) return false;
          return (await prisma.engineEvent.count({ where: { ackedAt: null } })) === 0 && engine.state.pendingDeliveries() === 0;
        },
        { timeoutMs, intervalMs: 100, describe: 'everything having arrived' },
      );
    },

    faults: ({ mayOvertake } = { mayOvertake: () => false }) => [...messageFaults(sent), ...replyFaults(mayOvertake)],
    counts() {
      const shown = [...byChat(sent).values()].flatMap((messages) => {
        const found = foundOf(messages);
        return messages.map(({ id }) => timesIn(found, id));
      });
      // What is shown as failed is not lost.
      const said = replies.map((reply) => timesIn(textsTo(reply.member), reply.text) || (isFailed(reply) ? 1 : 0));
      const times = [...shown, ...said];
      return { lost: times.filter((count) => count === 0).length, doubled: times.filter((count) => count > 1).length };
    },
    wronglyFailed: () =>
      replies
        .filter(isFailed)
        .filter(({ member, text }) =>
          engine.state.sent(member.name).some(({ content }) => content.type === 'text' && content.text === text),
        )
        .map(
          (reply) =>
            `"${reply.text}" reached WhatsApp, and Chatwoot shows it as failed: ${String(replyIn(reply)?.contentAttributes.external_error)}`,
        ),
    doubledMessages: () =>
      [...byChat(sent).values()].flatMap((messages) => {
        const found = foundOf(messages);
        return messages.filter(({ id }) => timesIn(found, id) > 1);
      }),
    lostReplies: () => replies.filter((reply) => !isFailed(reply) && timesIn(textsTo(reply.member), reply.text) === 0),
    replies: () => replies.length,
    failedReplies: () => replies.filter(isFailed).length,
  };
}

/** Of each chat Chatwoot must have what was sent, in that order and nothing else. */
function messageFaults(sent: readonly SentMessage[]): string[] {
  const faults: string[] = [];
  for (const messages of byChat(sent).values()) {
    const [{ member, chat } = { member: undefined, chat: '' }] = messages;
    if (member === undefined) continue;
    const expected = messages.map(({ id }) => id);
    const found = foundOf(messages);
    for (const id of expected) {
      const count = timesIn(found, id);
      if (count !== 1) faults.push(`message ${id} of ${member.name}, chat ${chat}, is ${count} times in Chatwoot`);
    }
    if (found.length === expected.length && found.some((id, index) => id !== expected[index]))
      faults.push(`the messages of ${member.name}, chat ${chat}, are not in order`);
  }
  return faults;
}

const timesIn = (list: readonly string[], wanted: string): number => list.filter((one) => one === wanted).length;

/** Of the messages of one chat those that Chatwoot has, as often and in the order in which it has them. */
function foundOf(messages: readonly SentMessage[]): string[] {
  const wanted = new Set(messages.map(({ id }) => id));
  return (messages[0]?.member.chatwoot.state.messages(ACCOUNT) ?? [])
    .filter(({ contentAttributes }) => contentAttributes.deleted !== true) // a twin that was taken away leaves its row
    .flatMap(({ sourceId }) => (sourceId !== null && wanted.has(sourceId.slice(5)) ? [sourceId.slice(5)] : []));
}

function byChat(sent: readonly SentMessage[]): Map<string, SentMessage[]> {
  const chats = new Map<string, SentMessage[]>();
  for (const message of sent) {
    const key = `${message.member.name} ${message.chat}`;
    chats.set(key, [...(chats.get(key) ?? []), message]);
  }
  return chats;
}
