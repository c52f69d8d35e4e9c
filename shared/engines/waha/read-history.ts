import { z } from 'zod';
import type { HistoryCall, HistoryOutcome } from '../engine.ts';
import { unreachable } from '../engine-errors.ts';
import { fieldsOf, labelOf, listOf, numberOf, textOf } from '../fields.ts';
import { callWaha, type WahaAnswer } from './request.ts';
import { unpack } from './unpack.ts';

const CHATS = 50;
const MESSAGES = 100;
/** Whoever has more has not talked with all of them in a month. */
const MOST_CHATS = 2_000;

/** Chats are listed some at a time, the last active first, and read one after another: the engines below WAHA know no list of all messages. */
const cursorSchema = z.object({
  /** How many chats were listed. */
  listed: z.number().int().nonnegative(),
  isLast: z.boolean(),
  /** Of those the ones still to be read; of the first so many messages were read. */
  chats: z.array(z.string()),
  read: z.number().int().nonnegative(),
});
type Cursor = z.infer<typeof cursorSchema>;
const START: Cursor = { listed: 0, isLast: false, chats: [], read: 0 };

function cursorOf(text: string | undefined): Cursor {
  try {
    return cursorSchema.parse(JSON.parse(text ?? ''));
  } catch {
    return START;
  }
}

/** `GET /api/{session}/chats`, and `…/chats/{chat}/messages` of each. NOWEB answers 400 to both where its store is off. */
export async function readHistory(call: HistoryCall): Promise<HistoryOutcome> {
  const cursor = cursorOf(call.cursor);
  const [chat] = cursor.chats;
  return chat === undefined ? listChats(call, cursor) : readChat(call, cursor, chat);
}

const page = (payloads: readonly unknown[], cursor: Cursor): HistoryOutcome => ({
  kind: 'page',
  payloads,
  next: cursor.chats.length === 0 && cursor.isLast ? undefined : JSON.stringify(cursor),
});

async function listChats(call: HistoryCall, { listed }: Cursor): Promise<HistoryOutcome> {
  const query = { limit: String(CHATS), offset: String(listed), sortBy: 'conversationTimestamp', sortOrder: 'desc' };
  const answer = await callWaha(call, { method: 'GET', path: pathOf(call, '', query), isHarmless: true });
  if (!answer.ok) return failureOf(answer);
  if (!Array.isArray(answer.json)) return notAList(call);
  const chats = listOf(answer.json);
  // The last active come first, where it is told when that was.
  const isOld = chats.some((chat) => {
    const at = numberOf(chat, 'conversationTimestamp', 'timestamp');
    return at !== undefined && at * 1_000 < call.since.getTime();
  });
  const recent = chats.filter(
    (chat) => (numberOf(chat, 'conversationTimestamp', 'timestamp') ?? Infinity) * 1_000 >= call.since.getTime(),
  );
  return page([], {
    listed: listed + chats.length,
    isLast: isOld || chats.length < CHATS || listed + chats.length >= MOST_CHATS,
    chats: recent.map(chatIdIn).filter((id) => id !== ''),
    read: 0,
  });
}

async function readChat(call: HistoryCall, cursor: Cursor, chat: string): Promise<HistoryOutcome> {
  const query = {
    limit: String(MESSAGES),
    offset: String(cursor.read),
    downloadMedia: 'false',
    'filter.timestamp.gte': seconds(call.since),
    'filter.timestamp.lte': seconds(call.until),
  };
  const path = pathOf(call, `/${encodeURIComponent(chat)}/messages`, query);
  const answer = await callWaha(call, { method: 'GET', path, isHarmless: true });
  // One chat that it no longer has is no reason to read none.
  if (!answer.ok && answer.status === 404) return page([], { ...cursor, chats: cursor.chats.slice(1), read: 0 });
  if (!answer.ok) return failureOf(answer);
  if (!Array.isArray(answer.json)) return notAList(call);
  const payloads = answer.json.flatMap((payload: unknown) =>
    unpack({ body: { event: 'message.any', payload }, name: call.instance }),
  );
  const isRead = answer.json.length < MESSAGES;
  return page(payloads, {
    ...cursor,
    chats: isRead ? cursor.chats.slice(1) : cursor.chats,
    read: isRead ? 0 : cursor.read + answer.json.length,
  });
}

function pathOf({ instance }: HistoryCall, behind: string, query: Readonly<Record<string, string>>): string {
  return `/api/${encodeURIComponent(instance)}/chats${behind}?${new URLSearchParams(query)}`;
}

const seconds = (time: Date): string => String(Math.floor(time.getTime() / 1_000));

/** WEBJS has an object where the others have the JID itself. */
const chatIdIn = (chat: Record<string, unknown>): string => labelOf(chat, 'id') || textOf(fieldsOf(chat.id), '_serialized');

const notAList = ({ access }: HistoryCall): HistoryOutcome => ({
  kind: 'failed',
  error: unreachable(access, 'it did not answer a list'),
});

function failureOf({ error, text = '' }: WahaAnswer & { readonly ok: false }): HistoryOutcome {
  if (/store/i.test(text) && /enable/i.test(text)) {
    return {
      kind: 'unable',
      reason: 'its store is off, so it keeps no messages — set config.noweb.store.enabled for the session, then activate again',
    };
  }
  return { kind: 'failed', error };
}
