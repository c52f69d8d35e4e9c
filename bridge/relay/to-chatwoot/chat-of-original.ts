import { setTimeout as delay } from 'node:timers/promises';
import type { Chat, EditEvent, ReactionEvent, RevokeEvent } from '../../../shared/engines/event.ts';
import type { ContactCache } from './contact-cache.ts';
import type { MappedMessage, MessageMap } from './message-map.ts';

type Change = EditEvent | RevokeEvent | ReactionEvent;

/** How long a change may be ahead of what it changes: engines keep no order. */
const PATIENCE_MS = 5_000;
const POLL_MS = 100;

/**
 * Puts a change of which the engine does not tell the chat into that of the message it is about. Undefined where that is not in Chatwoot.
 */
export function createChatOfOriginal({ map, cache }: { map: MessageMap; cache: ContactCache }) {
  return async <Event extends Change>(event: Event): Promise<Event | undefined> => {
    const original = await awaitOriginal(event.originalId);
    if (original === null) return undefined;
    const addresses = await cache.addressesOf(original.chat);
    const chat = chatOf(addresses.length === 0 ? [original.chat] : addresses);
    const isOwn = event.chat.address !== '' && addresses.includes(event.chat.address);
    return { ...event, chat, direction: isOwn ? 'outgoing' : 'incoming' };
  };

  async function awaitOriginal(id: string): Promise<MappedMessage | null> {
    const until = Date.now() + PATIENCE_MS;
    for (;;) {
      const found = await map.find(id);
      if (found !== null || Date.now() >= until) return found;
      await delay(POLL_MS);
    }
  }
}

/** A chat by the addresses that its contact is remembered under. */
function chatOf(addresses: readonly string[]): Chat {
  const group = addresses.find((address) => address.endsWith('@g.us'));
  if (group !== undefined) return { type: 'group', address: group };
  const lid = addresses.find((address) => address.endsWith('@lid'));
  const number = addresses.find((address) => /^\d+$/.test(address));
  return { type: 'private', address: number ?? lid ?? addresses[0] ?? '', number, lid };
}
