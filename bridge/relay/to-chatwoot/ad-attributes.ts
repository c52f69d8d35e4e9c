import type { Ad, MessageEvent } from '../../../shared/engines/event.ts';
import { cutTo } from '../../../shared/text/cut.ts';
import type { ChatwootClient } from '../../chatwoot/client.ts';
import type { ContactCache } from './contact-cache.ts';
import { identityOf } from './identity.ts';
import type { MessageMap } from './message-map.ts';

/** Chatwoot takes no longer value of an attribute. */
const VALUE_LENGTH = 1_500;

/** Where a customer came from, as attributes: the names begin alike, so that they stand together. */
function adAttributes(ad: Ad): Record<string, string> {
  const values = {
    whatsapp_ad_title: ad.title,
    whatsapp_ad_body: ad.body,
    whatsapp_ad_url: ad.url,
    whatsapp_ad_source_type: ad.sourceType,
    whatsapp_ad_source_id: ad.sourceId,
    whatsapp_ad_click_id: ad.clickId,
  };
  const told = Object.entries(values).filter(([, value]) => value !== '');
  return Object.fromEntries(told.map(([name, value]) => [name, cutTo(value, VALUE_LENGTH)]));
}

/**
 * Notes the ad that brought a customer on his contact, and on the conversation it began, for reports and automations. Best effort: title and
 * link stand in the message itself.
 */
export function createAdNotes(deps: { client: ChatwootClient; cache: ContactCache; map: MessageMap }) {
  return async function noteAd({ id, chat, ad }: MessageEvent): Promise<void> {
    if (ad === undefined) return;
    const attributes = adAttributes(ad);
    const [contact] = await deps.cache.find(identityOf(chat));
    if (contact !== undefined) await deps.client.contacts.update(contact.contactId, { custom_attributes: attributes });
    const message = await deps.map.find(id);
    if (message === null) return;
    const { conversationId } = message;
    const conversation = await deps.client.conversations.get(conversationId);
    if (!conversation.ok) return;
    // Chatwoot replaces all of them.
    const all = { ...conversation.value.custom_attributes, ...attributes };
    await deps.client.conversations.setAttributes(conversationId, all);
  };
}
