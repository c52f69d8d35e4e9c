import { Refusal } from './refusal.ts';
import type { Session, StoredMessage, World } from './world.ts';

type Json = Record<string, unknown>;
type Query = Readonly<Record<string, unknown>>;

const DEFAULT_LIMIT = 100;
const numberIn = (query: Query, name: string): number | undefined => {
  const value = Number(query[name]);
  return query[name] === undefined || !Number.isFinite(value) ? undefined : value;
};

/** NOWEB keeps nothing unless it is told to, the others have the phone's own store. */
export function requireStore(world: World, session: Session): void {
  const store = session.config.noweb?.store as { enabled?: unknown } | undefined;
  if (world.engine !== 'NOWEB' || store?.enabled === true) return;
  throw new Refusal(
    400,
    'Enable NOWEB store "config.noweb.store.enabled=True" and "config.noweb.store.full_sync=True" when starting a new session. ' +
      'Read more: https://waha.devlike.pro/docs/engines/noweb#store',
    { error: 'Bad Request' },
  );
}

const secondsOf = ({ payload }: StoredMessage): number => Number(payload.timestamp);
const cut = <Row>(rows: readonly Row[], query: Query): Row[] => {
  const offset = numberIn(query, 'offset') ?? 0;
  return rows.slice(offset, offset + (numberIn(query, 'limit') ?? DEFAULT_LIMIT));
};

/** The last active first, in whichever order was asked for: NOWEB has no other. WEBJS has an object for an id. */
export function chatsOf(world: World, session: Session, query: Query): Json[] {
  const last = new Map<string, number>();
  for (const message of session.messages.values()) {
    last.set(message.chat, Math.max(last.get(message.chat) ?? 0, secondsOf(message)));
  }
  const chats = [...last].sort(([, one], [, other]) => other - one);
  return cut(chats, query).map(([jid, at]) => {
    const [user, server] = jid.split('@');
    return world.engine === 'WEBJS'
      ? { id: { server, user, _serialized: jid }, name: user, isGroup: server === 'g.us', timestamp: at }
      : { id: jid, name: user, conversationTimestamp: at };
  });
}

/** Newest first; files are not downloaded where nobody asks for them. */
export function messagesOf(session: Session, chat: string, query: Query): Json[] {
  const from = numberIn(query, 'filter.timestamp.gte') ?? 0;
  const until = numberIn(query, 'filter.timestamp.lte') ?? Number.MAX_SAFE_INTEGER;
  const found = [...session.messages.values()]
    .filter((message) => message.chat === chat && secondsOf(message) >= from && secondsOf(message) <= until)
    .sort((one, other) => secondsOf(other) - secondsOf(one));
  return cut(found, query).map(({ payload }) => (query.downloadMedia === 'false' ? { ...payload, media: null } : payload));
}
