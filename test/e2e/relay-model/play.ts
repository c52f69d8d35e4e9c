import { setTimeout as delay } from 'node:timers/promises';
import { waitFor } from '../../support/wait-for.ts';
import type { Books, Line, Written } from './books.ts';
import { ACCOUNT, type Stage } from './stage.ts';
import type { Action, Burst, Chat, Plan } from './steps.ts';

const SETTLE_TIMEOUT_MS = 60_000;
const SEEN_WITHIN_MS = 1_000;
/** What the api has stored is in the bridge by then. */
const STREAMED_MS = 200;

/** Plays a plan from its beginning until nothing is on its way any more; answers what was done. */
export async function play(stage: Stage, plan: Plan): Promise<Books> {
  const books = await stage.newBooks(plan.flags);
  for (const { action, afterMs } of plan.steps) {
    await delay(afterMs);
    await act(stage, books, action);
  }
  stage.chatwoot.faults.clear();
  stage.engine.faults.clear();
  await Promise.all([stage.api.back(), stage.bridge.back(), stage.chatwootBack()]);
  await Promise.all(books.lines.map(({ setting }) => setting));
  await settle(stage);
  return books;
}

async function act(stage: Stage, books: Books, action: Action): Promise<void> {
  switch (action.kind) {
    case 'write':
    case 'type':
      write(stage, books, action);
      return;
    case 'redeliver': {
      const told = stage.engine.state.deliveries().filter(({ instance }) => books.lines.some(({ name }) => name === instance));
      const again = told.at(-1 - Math.floor((action.which / 100) * told.length));
      if (again !== undefined) stage.engine.state.redeliver(again.id);
      return;
    }
    case 'reply':
    case 'note':
    case 'rename':
    case 'status':
      await stage.chatwootBack();
      await seen(stage, books, action);
      actAsAgent(stage, books, action);
      if (action.kind === 'status' && action.customerWrites)
        write(stage, books, { ...action, kind: 'write', picture: false, twice: false });
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
      writeAll(stage, books, action.burst);
      return;
    case 'engine loses an answer': {
      books.engineSilences += 1;
      const kind = action.sends ? 'resetAfterEffect' : 'reset';
      stage.engine.faults.add({ method: 'POST', path: /\/api\/message\//, times: 1, action: { kind } });
    }
  }
}

function writeAll(stage: Stage, books: Books, { line, chat, count }: Burst): void {
  for (let nth = 0; nth < count; nth += 1) write(stage, books, { kind: 'write', line, chat, picture: false, twice: false });
}

/** Messages that wait in the bridge behind one whose answer does not come: what must not have been acknowledged yet. */
async function takenByBridge(stage: Stage, books: Books, burst: Burst): Promise<void> {
  const { engine, chatwoot, bridge } = stage;
  await bridge.back();
  chatwoot.faults.add({ method: 'POST', path: /\/messages$/, times: 1, action: { kind: 'hangAfterEffect' } });
  writeAll(stage, books, burst);
  await waitFor(() => engine.state.pendingDeliveries() === 0, { timeoutMs: SEEN_WITHIN_MS }).catch(() => {});
  await delay(STREAMED_MS);
}

function write(stage: Stage, books: Books, action: Extract<Action, { kind: 'write' | 'type' }>): void {
  const { engine } = stage;
  const line = lineOf(books, action.line);
  const { chat } = action;
  const text = `message ${books.written.length + 1}`;
  const group = chat === 'group' ? { group: { id: line.addresses.group, name: 'Family' } } : {};
  const person = personOf(line, chat);
  const atMs = Date.now();
  const common = { line, chat, text, atMs };
  let written: Written;
  if (action.kind === 'type') {
    const to = chat === 'group' ? {} : { to: person };
    const { id } = engine.state.typeOnPhone(line.name, { ...group, ...to, content: { type: 'text', text } });
    written = { ...common, id, kind: 'typed on the phone' };
  } else {
    const content = action.picture ? ({ type: 'image', caption: text, media: {} } as const) : ({ type: 'text', text } as const);
    const { id } = engine.state.receive(line.name, { ...group, from: person, content });
    written = { ...common, id, kind: action.picture ? 'picture' : 'text' };
    const told = engine.state.deliveries().at(-1);
    if (action.twice && told !== undefined) engine.state.redeliver(told.id);
  }
  books.written.push(written);
}

function personOf({ addresses }: Line, chat: Chat) {
  if (chat === 'bruno') return { phone: addresses.bruno, lid: `9${addresses.bruno}`, name: 'Bruno' };
  return { phone: addresses.ana, name: 'Ana' };
}

/** An agent waits a moment for what was written to show up; what takes longer is acted on without. */
async function seen(stage: Stage, books: Books, { line: number, chat }: { line: number; chat: Chat }): Promise<void> {
  const line = lineOf(books, number);
  if (!books.written.some((written) => written.line === line && written.chat === chat)) return;
  await waitFor(() => conversationsOf(stage, line, chat).length > 0, { timeoutMs: SEEN_WITHIN_MS }).catch(() => {});
}

function actAsAgent(stage: Stage, books: Books, action: Extract<Action, { kind: 'reply' | 'note' | 'rename' | 'status' }>): void {
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
      books.said.push({ messageId, conversationId, line, chat, text, isPrivate, atMs });
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
      .filter(({ inboxId, sourceId }) => inboxId === line.inboxId && sourceId === line.addresses[chat])
      .map(({ id }) => id),
  );
  return chatwoot.state.conversations(ACCOUNT).filter(({ contactInboxId }) => ids.has(contactInboxId));
}

function lineOf(books: Books, number: number): Line {
  const line = books.lines[number];
  if (line === undefined) throw new Error(`there is no line ${number}`);
  return line;
}

async function settle({ engine, chatwoot, stack }: Stage): Promise<void> {
  const { prisma } = stack.database;
  const underWay = async (): Promise<string | undefined> => {
    if (engine.state.pendingDeliveries() > 0) return `${engine.state.pendingDeliveries()} events of the engine`;
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
