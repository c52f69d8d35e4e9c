import { z } from 'zod';
import type { Message } from '../../whatsapp-engine/rows.ts';
import { messageData } from './events.ts';
import type { Json, Layout } from './proto.ts';
import type { EvolutionInstance } from './world.ts';

const time = z.string().optional();

/** What `POST /chat/findMessages` heeds of its body. */
export const historySchema = z.looseObject({
  where: z
    .looseObject({
      key: z
        .looseObject({ remoteJid: z.string().optional(), id: z.string().optional(), fromMe: z.boolean().optional() })
        .optional(),
      messageTimestamp: z.looseObject({ gte: time, lte: time }).optional(),
    })
    .optional(),
  page: z.number().int().min(1).default(1),
  /** The size of a page. */
  offset: z.number().int().min(1).default(50),
});
type Asked = z.output<typeof historySchema>;

const secondsOf = (text: string): number => Math.floor(new Date(text).getTime() / 1_000);

/** Both bounds, or it heeds none; a message of the very second of either is within. */
function isWithin({ timestamp }: Message, { gte, lte }: { gte?: string | undefined; lte?: string | undefined } = {}): boolean {
  if (!gte || !lte) return true;
  const at = secondsOf(timestamp);
  return at >= secondsOf(gte) && at <= secondsOf(lte);
}

/**
 * Its database by the time of each message, the newest first; those of one second in the order in which they came. Edits and deletions are no
 * messages there; whoever has no name is called by his digits, and the owner by a misread word.
 */
export function findMessages(instance: EvolutionInstance, layout: Layout, { where, page, offset }: Asked): Json {
  const found = [...instance.messages.values()]
    .filter(({ content }) => content.type !== 'edit' && content.type !== 'message_revoke')
    .filter((message) => isWithin(message, where?.messageTimestamp))
    .map((message) => recordOf(instance, message, layout))
    .filter(({ key }) => Object.entries(where?.key ?? {}).every(([name, value]) => (key as Json)[name] === value))
    .sort((one, other) => Number(other.messageTimestamp) - Number(one.messageTimestamp));
  const records = found.slice((page - 1) * offset, page * offset);
  return { messages: { total: found.length, pages: Math.ceil(found.length / offset), currentPage: page, records } };
}

function recordOf(instance: EvolutionInstance, message: Message, layout: Layout): Json {
  const {
    key,
    pushName,
    messageType,
    message: proto,
    messageTimestamp,
    source,
    contextInfo,
  } = messageData(instance, message, layout, 'DELIVERY_ACK');
  const isOurs = message.direction === 'outgoing';
  const digits = message.sender.jid.replace(/@.*$/, '');
  return {
    id: `cmf${message.id.toLowerCase()}`,
    key,
    pushName: isOurs ? 'T\u01e7' : pushName || digits,
    messageType,
    message: proto,
    messageTimestamp,
    instanceId: instance.id,
    source,
    contextInfo,
    MessageUpdate: isOurs ? [{ status: 'DELIVERY_ACK' }] : [],
  };
}
