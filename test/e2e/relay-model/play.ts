import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../../support/wait-for.ts';
import type { Books, Line, Written } from './books.ts';
import { ACCOUNT, lidOf, type Stage } from './stage.ts';
import type { Action, Burst, Chat, Plan } from './steps.ts';

const SETTLE_TIMEOUT_MS = 120_000;
const SEEN_WITHIN_MS = 1_000;
/** What the api has stored is in the bridge by then. */
const STREAMED_MS = 200;

/** Plays a plan from its beginning until nothing is on its way any more; answers what was done. */
export async function play(stage: Stage, plan: Plan): Promise<Books> {
  const books = await stage.newBooks(plan.lines);
  for (const { action, afterMs } of plan.steps) {
    await delay(afterMs);
    await act(stage, books, action);
  }
  stage.chatwoot.faults.clear();
  await stage.engines.each(({ faults }) => faults.clear());
  await Promise.all([stage.api.back(), stage.bridge.back(), stage.chatwootBack()]);
  await Promise.all(books.lines.map(({ setting }) => setting));
  await settle(stage, books);
  return books;
}

async function act(stage: Stage, books: Books, action: Action): Promise<void> {
  switch (action.kind) {
    case 'write':
    case 'type':
      write(books, action);
      return;
    case 'edit':
    case 'revoke':
    case 'react':
      change(books, action);
      return;
    case 'redeliver':
      lineOf(books, action.line).engine.simulated.repeat(action.which / 100);
      return;
    case 'reply':
    case 'note':
    case 'rename':
    case 'delete':
    case 'status':
      await stage.chatwootBack();
      await seen(stage, books, action);
      actAsAgent(stage, books, action);
      if (action.kind === 'status' && action.customerWrites)
        write(books, { ...action, kind: 'write', picture: false, twice: false });
      return;
    case 'set': {
      const line = lineOf(books, action.line);
      const { flags } = action;
      line.setting = line.setting.then(() => stage.set(line, flags));
      // What it comes to is looked at when all has been played.
      line.setting.catch(() => {});
      return;
    }
    case 'api':
      await stage.api.end(action.signal, books);
      return;
    case 'bridge':
      await takenByBridge(stage, books, action.burst);
      await stage.bridge.end(action.signal, books);
      return;
    default:
      disturb(stage, books, action);
  }
}

/** Faults of the two outside Ponte. */
function disturb(stage: Stage, books: Books, action: Action): void {
  switch (action.kind) {
    case 'chatwoot restarts':
      stage.restartChatwoot(action.downMs);
      return;
    case 'chatwoot loses an answer':
      stage.chatwoot.faults.add({
        method: 'POST',
        path: new RegExp(`/${action.to}$`),
        times: 1,
        action: { kind: 'resetAfterEffect' },
      });
      return;
    case 'chatwoot fails':
      stage.chatwoot.faults.add({ times: action.times, action: { kind: 'status', status: action.status, body: 'broken' } });
      writeAll(books, action.burst);
      return;
    case 'engine loses an answer': {
      const { simulated, sending } = lineOf(books, action.line).engine;
      books.engineSilences += 1;
      const kind = action.sends ? 'resetAfterEffect' : 'reset';
      simulated.faults.add({ method: 'POST', path: sending, times: 1, action: { kind } });
    }
  }
}

function writeAll(books: Books, { line, chat, count }: Burst): void {
  for (let nth = 0; nth < count; nth += 1) write(books, { kind: 'write', line, chat, picture: false, twice: false });
}

/** Messages that wait in the bridge behind one whose answer does not come: what must not have been acknowledged yet. */
async function takenByBridge(stage: Stage, books: Books, burst: Burst): Promise<void> {
  const { chatwoot, bridge } = stage;
  const { simulated } = lineOf(books, burst.line).engine;
  await bridge.back();
  chatwoot.faults.add({ method: 'POST', path: /\/messages$/, times: 1, action: { kind: 'hangAfterEffect' } });
  writeAll(books, burst);
  await waitFor(() => simulated.pending() === 0, { timeoutMs: SEEN_WITHIN_MS }).catch(() => {});
  await delay(STREAMED_MS);
}

function write(books: Books, action: Extract<Action, { kind: 'write' | 'type' }>): void {
  const line = lineOf(books, action.line);
  const { simulated } = line.engine;
  const { chat } = action;
  const text = `message ${books.written.length + 1}`;
  const { person, group } = placeOf(line, chat);
  const atMs = Date.now();
  const common = { line, chat, text, atMs };
  let written: Written;
  if (action.kind === 'type') {
    const to = chat === 'group' ? {} : { to: person };
    const id = simulated.typeOnPhone(line.nameThere, { ...group, ...to, content: { type: 'text', text } });
    written = { ...common, id, kind: 'typed on the phone' };
  } else {
    const content = action.picture ? ({ type: 'image', caption: text, media: {} } as const) : ({ type: 'text', text } as const);
    const id = simulated.receive(line.nameThere, { ...group, from: person, content });
    written = { ...common, id, kind: action.picture ? 'picture' : 'text' };
    if (action.twice) simulated.repeat();
  }
  books.written.push(written);
}

/** Whoever wrote last changes it, takes it back, or gets an emoji for it. */
function change(books: Books, { line: number, chat, kind }: Extract<Action, { kind: 'edit' | 'revoke' | 'react' }>): void {
  const line = lineOf(books, number);
  const isGone = (written: Written) => books.changed.some((one) => one.kind === 'revoke' && one.about === written);
  const kinds: readonly Written['kind'][] = kind === 'react' ? ['text', 'picture', 'typed on the phone'] : ['text'];
  const about = books.written.findLast(
    (written) => written.line === line && written.chat === chat && kinds.includes(written.kind) && !isGone(written),
  );
  if (about === undefined) return;
  const text = kind === 'react' ? '👍' : `change ${books.changed.length + 1}`;
  const { person, group } = placeOf(line, chat);
  books.changed.push({ kind, about, text, atMs: Date.now() });
  line.engine.simulated.receive(line.nameThere, { ...group, from: person, content: contentOf(kind, about.id, text) });
}

function contentOf(kind: 'edit' | 'revoke' | 'react', messageId: string, text: string) {
  switch (kind) {
    case 'edit':
      return { type: 'edit', messageId, text } as const;
    case 'revoke':
      return { type: 'message_revoke', messageId } as const;
    case 'react':
      return { type: 'reaction', messageId, emoji: text } as const;
  }
}

function placeOf({ numbers }: Line, chat: Chat) {
  const group = chat === 'group' ? { group: { id: numbers.group, name: 'Family' } } : {};
  if (chat === 'bruno') return { person: { phone: numbers.bruno, lid: lidOf(numbers.bruno), name: 'Bruno' }, group };
  return { person: { phone: numbers.ana, name: 'Ana' }, group };
}

/** An agent waits a moment for what was written to show up; what takes longer is acted on without. */
async function seen(stage: Stage, books: Books, { line: number, chat }: { line: number; chat: Chat }): Promise<void> {
  const line = lineOf(books, number);
  if (!books.written.some((written) => written.line === line && written.chat === chat)) return;
  await waitFor(() => conversationsOf(stage, line, chat).length > 0, { timeoutMs: SEEN_WITHIN_MS }).catch(() => {});
}

function actAsAgent(
  stage: Stage,
  books: Books,
  action: Extract<Action, { kind: 'reply' | 'note' | 'rename' | 'delete' | 'status' }>,
): void {
  const { state } = stage.chatwoot;
  const { chat } = action;
  const line = lineOf(books, action.line);
  const conversation = conversationsOf(stage, line, chat).at(-1);
  // An agent has nothing to act on yet.
  if (conversation === undefined) return;
  const { id: conversationId, displayId, contactId } = conversation;
  const atMs = Date.now();
  switch (action.kind) {
    case 'reply':
    case 'note': {
      const isPrivate = action.kind === 'note';
      const text = `${action.kind} ${books.said.length + 1}`;
      const { id: messageId } = state.reply(ACCOUNT, displayId, { content: text, private: isPrivate });
      books.said.push({ messageId, conversationId, line, chat, text, isPrivate, atMs, isDeleted: false });
      return;
    }
    case 'delete': {
      const last = books.said.findLast((said) => said.conversationId === conversationId && !said.isPrivate && !said.isDeleted);
      if (last === undefined) return;
      last.isDeleted = true;
      state.deleteMessage(ACCOUNT, displayId, last.messageId);
      return;
    }
    case 'status':
      state.setStatus(ACCOUNT, displayId, action.status);
      books.statuses.push({ conversationId, status: action.status, atMs });
      return;
    case 'rename': {
      const name = `Renamed ${books.names.size + 1}`;
      state.updateContact(ACCOUNT, contactId, { name });
      books.names.set(contactId, name);
    }
  }
}

/** The conversations with a chat, oldest first. */
export function conversationsOf({ chatwoot }: Stage, line: Line, chat: Chat) {
  const ids = new Set(
    chatwoot.state
      .contactInboxes()
      .filter(({ inboxId, sourceId }) => inboxId === line.inboxId && line.addresses[chat].includes(sourceId))
      .map(({ id }) => id),
  );
  return chatwoot.state.conversations(ACCOUNT).filter(({ contactInboxId }) => ids.has(contactInboxId));
}

function lineOf(books: Books, number: number): Line {
  const line = books.lines[number];
  if (line === undefined) throw new Error(`there is no line ${number}`);
  return line;
}

async function settle({ chatwoot, stack }: Stage, { lines }: Books): Promise<void> {
  const { prisma } = stack.database;
  const underWay = async (): Promise<string | undefined> => {
    const pending = [...new Set(lines.map(({ engine }) => engine))].reduce((sum, { simulated }) => sum + simulated.pending(), 0);
    if (pending > 0) return `${pending} events of engines`;
    if (chatwoot.state.webhooks.pending > 0) return `${chatwoot.state.webhooks.pending} webhooks of Chatwoot`;
    const open = { OR: [{ state: { in: ['pending' as const, 'sending' as const] } }, { report: { not: '' } }] };
    const replies = await prisma.bridgeReply.findMany({ where: open, select: { state: true, report: true, error: true } });
    if (replies.length > 0) return `replies: ${JSON.stringify(replies)}`;
    const events = await prisma.engineEvent.count({ where: { ackedAt: null } });
    return events > 0 ? `${events} events in the api` : undefined;
  };
  let quiet = 0;
  let last: string | undefined = 'nothing was asked yet';
  await waitFor(
    async () => {
      last = await underWay();
      quiet = last === undefined ? quiet + 1 : 0;
      // What one of them has just finished may be the beginning of something in another.
      return quiet >= 3;
    },
    { timeoutMs: SETTLE_TIMEOUT_MS, intervalMs: 50, describe: 'nothing being on its way' },
  ).catch(async (error: unknown) => {
    const unhealthy = await prisma.bridgeIntegration.findMany({ where: { lastError: { not: '' } }, select: { lastError: true } });
    throw new Error(`still on its way: ${last}; ${JSON.stringify(unhealthy)}`, { cause: error });
  });
}
