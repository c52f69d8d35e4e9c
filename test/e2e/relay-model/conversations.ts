import { type Books, flagsBetween, type Line, type Written } from './books.ts';
import { conversationsOf } from './play.ts';
import { ACCOUNT, type Stage } from './stage.ts';
import type { Chat, Flags } from './steps.ts';

type State = Stage['chatwoot']['state'];
type Conversation = ReturnType<State['conversations']>[number];
type Row = ReturnType<State['messages']>[number];

/** What is known of the conversations with one chat. */
interface History {
  readonly conversations: readonly Conversation[];
  readonly rows: readonly Row[];
  readonly books: Books;
}

/**
 * Whether each message is in the conversation that the settings demand, and each conversation has the status that follows. Who reads and
 * then writes can be overtaken, so whatever was right at some moment between a message's being written and its being posted counts as
 * right.
 */
export function conversationFaults(stage: Stage, books: Books, line: Line, chat: Chat): string[] {
  const conversations = conversationsOf(stage, line, chat);
  const rows = conversations.flatMap(({ displayId }) => stage.chatwoot.state.messages(ACCOUNT, displayId));
  const history = { conversations, rows, books };
  return [
    ...books.written
      .filter((written) => written.line === line && written.chat === chat)
      .flatMap((written) => choiceFaults(history, written)),
    ...conversations.flatMap((conversation) => statusFaults(history, conversation, line)),
  ];
}

function choiceFaults(history: History, written: Written): string[] {
  const row = history.rows.find(({ sourceId }) => sourceId === `WAID:${written.id}`);
  if (row === undefined) return [];
  const allowed = new Set<number | 'new'>();
  for (const flags of flagsBetween(written.line, written.atMs, row.createdAt)) {
    for (const atMs of moments(history, written.atMs, row)) {
      for (const choice of choicesAt(history, atMs, row, flags)) allowed.add(choice);
    }
  }
  const chosen = history.conversations.find(({ id }) => id === row.conversationId);
  const isNew = chosen !== undefined && chosen.createdAt >= written.atMs;
  if (allowed.has(row.conversationId) || (isNew && allowed.has('new'))) return [];
  const where = `${written.text} (${written.kind}) in ${written.chat} of line ${written.line.number}`;
  return [`${where} is in conversation ${row.conversationId}, and belongs into ${[...allowed].join(' or ')}`];
}

/** The moments at which it makes a difference when somebody looks: right before and right after each change. */
function moments({ rows, conversations, books }: History, fromMs: number, row: Row): number[] {
  const changes = [...rows, ...conversations].map(({ createdAt }) => createdAt);
  const all = [...changes, ...books.statuses.map(({ atMs }) => atMs)].flatMap((atMs) => [atMs - 1, atMs]);
  return [fromMs, ...all.filter((atMs) => atMs >= fromMs && atMs <= row.createdAt), row.createdAt];
}

/** The conversations that the rule chooses at a moment, as if `row` did not exist. */
function choicesAt(history: History, atMs: number, row: Row, { reopenResolved }: Flags): (number | 'new')[] {
  const there = history.conversations
    .filter(({ createdAt, id }) => createdAt <= atMs && (id !== row.conversationId || hasOthers(history, id, row, atMs)))
    .filter(({ id }) => reopenResolved || !isResolved(history, id, atMs, row));
  if (there.length === 0) return ['new'];
  const activity = there.map((conversation) => lastActivityMs(history, conversation, atMs, row));
  const latest = Math.max(...activity);
  return there.filter((_, index) => activity[index] === latest).map(({ id }) => id);
}

/** One that was made for this message alone was not there to be chosen, unless an earlier try has left it. */
function hasOthers({ rows, books }: History, conversationId: number, row: Row, atMs: number): boolean {
  const before = rows.some((other) => other.conversationId === conversationId && other.id < row.id);
  return before || books.statuses.some((set) => set.conversationId === conversationId && set.atMs <= atMs);
}

const lastActivityMs = ({ rows }: History, { id, createdAt }: Conversation, atMs: number, row: Row): number =>
  Math.max(
    createdAt,
    ...rows
      .filter((other) => other.conversationId === id && other.id < row.id && other.messageType !== 'activity')
      .map((other) => other.createdAt)
      .filter((at) => at <= atMs),
  );

function isResolved({ rows, books }: History, conversationId: number, atMs: number, row: Row): boolean {
  const set = books.statuses.findLast((one) => one.conversationId === conversationId && one.atMs <= atMs);
  if (set?.status !== 'resolved') return false;
  return !rows.some(
    (other) =>
      other.conversationId === conversationId &&
      other.messageType === 'incoming' &&
      other.id < row.id &&
      other.createdAt >= set.atMs &&
      other.createdAt <= atMs,
  );
}

/** The status that a conversation was made with, and what agents and customers have made of it since. */
function statusFaults({ rows, books }: History, conversation: Conversation, line: Line): string[] {
  const { id, status, createdAt } = conversation;
  const firstMessage = books.written.find(({ id: whatsappId }) =>
    rows.some(({ conversationId, sourceId }) => conversationId === id && sourceId === `WAID:${whatsappId}`),
  );
  const begun = flagsBetween(line, Math.min(firstMessage?.atMs ?? createdAt, createdAt), createdAt).map(({ startAsPending }) =>
    startAsPending ? 'pending' : 'open',
  );
  const incoming = rows.filter(({ conversationId, messageType }) => conversationId === id && messageType === 'incoming');
  const set = books.statuses.findLast(({ conversationId }) => conversationId === id);
  const expected = set === undefined ? begun : [set.status];
  const isWoken = (expected[0] === 'resolved' || expected[0] === 'snoozed') && set !== undefined;
  // Within one millisecond either may have come first.
  if (isWoken && incoming.some((row) => row.createdAt === set.atMs)) return [];
  const woken = isWoken && incoming.some((row) => row.createdAt > set.atMs);
  const wanted = woken ? ['open'] : expected;
  return wanted.includes(status)
    ? []
    : [`conversation ${id} of line ${line.number} is ${status} instead of ${wanted.join(' or ')}`];
}
