import { type Fullness, fullnesses } from '../../shared/engines/fullness.ts';
import { isShortened, shortId } from '../../shared/text/short-id.ts';
import { SOURCE_ID_LENGTH } from '../chatwoot/lengths.ts';

const PREFIX = 'WAID:';

const PARTIAL = new RegExp(`#(?:${fullnesses.join('|')})$`);

/** Under which id it is known what there is of a message, while there may be more of it. In Chatwoot it is that message. */
export const partialId = (whatsappId: string, fullness: Fullness): string => noteId(whatsappId, fullness);
export const isPartialId = (id: string): boolean => PARTIAL.test(id);

/** The `source_id` of a message in Chatwoot that came from WhatsApp. Whatever carries one was posted by us, never by an agent. */
export const messageSourceId = (whatsappId: string): string =>
  shortId(`${PREFIX}${whatsappId.replace(PARTIAL, '')}`, SOURCE_ID_LENGTH);

/** Whether we posted that message, rather than an agent. */
export const isOurSourceId = (sourceId: string | null | undefined): boolean => sourceId?.startsWith(PREFIX) ?? false;

/**
 * The id in WhatsApp of a message that we posted into Chatwoot; undefined for an agent's, and where the id was too long for Chatwoot: then
 * only the message map has it, under Chatwoot's own id.
 */
export const whatsappIdOf = (sourceId: string | null | undefined): string | undefined =>
  sourceId?.startsWith(PREFIX) && !isShortened(sourceId) ? quotableId(sourceId.slice(PREFIX.length)) : undefined;

/**
 * The id of what Chatwoot shows as a message and WhatsApp has none of: that a message was edited or deleted, a reaction, a call.
 * `about` is the id of the message concerned.
 */
export const noteId = (about: string, note: string): string => `${about}#${note}`;

/** The message in WhatsApp that a reply to `id` quotes: of a note the message that it is about. */
export const quotableId = (id: string): string => id.split('#', 1)[0] ?? id;

/** What `source` begins with when we send through the engine: the echo of that send comes back with it. */
const OUR_SOURCE = 'chatwoot';

/** One part of an agent's message: its text, or one of its attachments. */
export interface ReplyKey {
  readonly integrationId: string;
  readonly chatwootMessageId: number;
  readonly part: number;
}

/** `<integration>:<message>:<part>`: names a reply to the api and to the engine. */
export const replyKey = ({ integrationId, chatwootMessageId, part }: ReplyKey): string =>
  `${integrationId}:${chatwootMessageId}:${part}`;

/** What we put into `source`, so that the echo does not only say that it is ours, but proves which reply was sent. */
export const replySource = (key: ReplyKey): string => `${OUR_SOURCE}:${replyKey(key)}`;

/** Whether a message that left the phone is one that we had sent. */
export const isOurSource = (source: string): boolean => source === OUR_SOURCE || source.startsWith(`${OUR_SOURCE}:`);

/** Which reply an echo belongs to; undefined where the engine cut `source` short or changed it. */
export function replyOf(source: string): ReplyKey | undefined {
  const [, integrationId, messageId, part] = /^chatwoot:(int_\w+):(\d{1,15}):(\d{1,3})$/.exec(source) ?? [];
  if (integrationId === undefined) return undefined;
  return { integrationId, chatwootMessageId: Number(messageId), part: Number(part) };
}
