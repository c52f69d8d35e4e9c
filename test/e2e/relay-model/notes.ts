import { type Books, type Changed, flagsBetween, type Line, type Taken } from './books.ts';
import { conversationsOf } from './play.ts';
import { ACCOUNT, type Stage } from './stage.ts';
import type { Chat } from './steps.ts';

type Row = ReturnType<Stage['chatwoot']['state']['messages']>[number];

/** What begins the note that an engine does not delete for the customer. */
const NOT_DELETED = /^⚠️ Deleted here only/;
/** Under which a note stands, and its events are taken. */
const NAMES = {
  edit: { note: 'edit-', event: 'edit' },
  react: { note: 'reaction-', event: 'reaction' },
  revoke: { note: 'deleted', event: 'revoke' },
} as const;

/** Whether it says what was done to a message, and is none itself. */
export const isNote = ({ sourceId, content }: Row): boolean => /^WAID:[^#]+#/.test(sourceId ?? '') || isNotDeleted(content);

const isNotDeleted = (content: string | null): boolean => NOT_DELETED.test(content ?? '');

/** Each edit, emoji and deletion told once, beside the message that it is about; of what Chatwoot never had, no deletion. */
export function noteFaults(stage: Stage, books: Books, line: Line, chat: Chat, events: readonly Taken[]): string[] {
  const rows = conversationsOf(stage, line, chat).flatMap(({ displayId }) => stage.chatwoot.state.messages(ACCOUNT, displayId));
  const changed = books.changed.filter(({ about }) => about.line === line && about.chat === chat);
  const notesOf = ({ kind, about }: Changed): Row[] =>
    rows.filter(({ sourceId }) => sourceId?.startsWith(`WAID:${about.id}#${NAMES[kind].note}`));
  const faults: string[] = [];
  for (const change of changed) {
    const { kind, about, text } = change;
    const notes = notesOf(change).filter(({ content }) => kind !== 'edit' || content?.includes(text));
    const same = kind === 'react' ? changed.filter((other) => other.kind === kind && other.about === about) : [change];
    const where = `${kind} (${text}) of ${about.text} in ${chat} of line ${line.number}`;
    const key = `${NAMES[kind].event}:${about.id}`;
    const own = events.filter((event) => event.instanceId === line.instanceId && event.key.startsWith(key));
    const isThere = rows.some(({ sourceId }) => sourceId === `WAID:${about.id}`);
    if (own.length === 0 && line.engine.simulated.dropped() === 0) faults.push(`${where} was not taken`);
    // Without its message it is told a while later, or not at all.
    const mayBeMissing = !isThere || own.length === 0 || mayBeIgnored(line, chat, change, own);
    if (notes.length > same.length || (notes.length < same.length && !mayBeMissing))
      faults.push(`${where} is told ${notes.length} times instead of ${same.length}`);
    if (kind === 'revoke' && !isThere && notes.length > 0) faults.push(`${where} is told, and its message is not there`);
    for (const note of notes) {
      if (kind === 'revoke' && !note.private) faults.push(`${where} is told in public`);
    }
  }
  const expected = new Set(changed.flatMap((change) => notesOf(change).map(({ id }) => id)));
  for (const row of rows) {
    if (!isNote(row) || isNotDeleted(row.content) || expected.has(row.id)) continue;
    faults.push(`${chat} of line ${line.number} has a note on what nobody did: ${row.sourceId}`);
  }
  return faults;
}

function mayBeIgnored(line: Line, chat: Chat, { atMs }: Changed, own: readonly Taken[]): boolean {
  if (chat !== 'group') return false;
  const untilMs = Math.max(...own.map(({ doneAtMs }) => doneAtMs));
  return flagsBetween(line, atMs, untilMs).some(({ ignoreGroups }) => ignoreGroups);
}

/** What an agent deletes is deleted for the customer as well, or it is told once that it is not; nothing else is taken back. */
export async function deletionFaults(stage: Stage, books: Books, line: Line): Promise<string[]> {
  const { simulated, deletes } = line.engine;
  const sent = simulated.sent(line.nameThere);
  const idsOf = (text: string): string[] =>
    sent.flatMap((message) => (message.type === 'text' && message.text === text ? [message.id] : []));
  const deleted = books.said.filter((said) => said.line === line && said.isDeleted);
  const deletedIds = deleted.flatMap(({ text }) => idsOf(text));
  const takenBack = sent.flatMap(({ type, about }) => (type === 'revoke' ? [about ?? ''] : []));
  const conversations = new Set(deleted.map(({ conversationId }) => conversationId));
  const told = stage.chatwoot.state
    .messages(ACCOUNT)
    .filter(({ conversationId, content }) => conversations.has(conversationId) && isNotDeleted(content));
  const faults = takenBack
    .filter((id) => !deletedIds.includes(id))
    .map((id) => `line ${line.number} took back what nobody deleted: ${id}`);
  if (told.length > deletedIds.length)
    faults.push(`line ${line.number} says ${told.length} times that a message was deleted here only, of ${deletedIds.length}`);
  // Whether a message left, and under which id, may not be known where the engine was silent: then it is not among these.
  const { prisma } = stage.stack.database;
  const known = await prisma.bridgeMessage.findMany({ where: { whatsappId: { in: deletedIds } }, select: { whatsappId: true } });
  for (const { whatsappId: id } of known) {
    const times = takenBack.filter((other) => other === id).length;
    // Who is killed may do it once more.
    const isRight = deletes ? times === 1 || (times > 1 && books.outages.length > 0) : times === 0;
    if (!isRight) faults.push(`${id} of line ${line.number} was deleted, and taken back ${times} times`);
  }
  if (books.engineSilences > 0 || books.outages.length > 0) return faults;
  if (told.length !== (deletes ? 0 : deletedIds.length))
    faults.push(`line ${line.number} says ${told.length} times that a message was deleted here only`);
  return faults;
}
