import type { Chat, EditEvent, ReactionEvent, RevokeEvent } from '../../../shared/engines/event.ts';
import type { ContactCache } from './contact-cache.ts';
import type { MessageMap } from './message-map.ts';

type Change = EditEvent | RevokeEvent | ReactionEvent;

/**
 * Puts a change of which the engine does not tell the chat into that of the message it is about. Undefined where that is not in
 * Chatwoot, yet.
 */
export function createChatOfOriginal({ map, cache }: { map: MessageMap; cache: ContactCache }) {
  return async <Event extends Change>(event: Event): Promise<Event | undefined> => {
    const original = await map.find(event.originalId);
    if (original === null) return undefined;
    const addresses = await cache.addressesBehind(original.chat);
    const chat = chatOf(addresses.length === 0 ? [original.chat] : addresses);
    const isOwn = event.chat.address !== '' && addresses.includes(event.chat.address);
    return { ...event, chat, direction: isOwn ? 'outgoing' : 'incoming' };
  };
}

/** A chat by the addresses that its contact is remembered under. */
function chatOf(addresses: readonly string[]): Chat {
  const group = addresses.find((address) => address.endsWith('@g.us'));
  if (group !== undefined) return { type: 'group', address: group };
  const lid = addresses.find((address) => address.endsWith('@lid'));
  const number = addresses.find((address) => /^\d+$/.test(address));
  return { type: 'private', address: number ?? lid ?? addresses[0] ?? '', number, lid };
}
