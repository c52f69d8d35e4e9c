import type { Content } from '../../whatsapp-engine/content.ts';

type Json = Record<string, unknown>;

/** A message as WhatsApp's protobuf in JSON, in the spelling of Baileys or of whatsmeow. */
export function protoOf(
  content: Content,
  file: { mimeType: string; fileName: string } | undefined,
  replyTo: string | undefined,
  isGo: boolean,
): Json {
  const context = replyTo === undefined ? {} : { contextInfo: { [isGo ? 'stanzaID' : 'stanzaId']: replyTo } };
  const media = { mimetype: file?.mimeType, [isGo ? 'URL' : 'url']: 'https://mmg.whatsapp.net/v/t62.enc', ...context };
  switch (content.type) {
    case 'text':
      return replyTo === undefined ? { conversation: content.text } : { extendedTextMessage: { text: content.text, ...context } };
    case 'image':
      return { imageMessage: { ...media, caption: content.caption } };
    case 'video':
      return { videoMessage: { ...media, caption: content.caption } };
    case 'document':
      return { documentMessage: { ...media, fileName: file?.fileName, caption: content.caption } };
    case 'sticker':
      return { stickerMessage: media };
    case 'audio':
      return { audioMessage: { ...media, [isGo ? 'PTT' : 'ptt']: content.voice } };
    case 'location': {
      const { latitude, longitude, name, address } = content;
      return { locationMessage: { degreesLatitude: latitude, degreesLongitude: longitude, name, address, ...context } };
    }
    case 'contact': {
      const cards = content.contacts.map(({ name, phone }) => ({ displayName: name, vcard: vcardOf(name, phone) }));
      return cards.length === 1 ? { contactMessage: cards[0] } : { contactsArrayMessage: { contacts: cards } };
    }
    case 'reaction':
      return { reactionMessage: { key: { id: content.messageId }, text: content.emoji } };
    case 'edit':
      return {
        protocolMessage: {
          key: { id: content.messageId },
          type: isGo ? 14 : 'MESSAGE_EDIT',
          editedMessage: { conversation: content.text },
        },
      };
    case 'message_revoke':
      return { protocolMessage: { key: { id: content.messageId }, type: isGo ? 0 : 'REVOKE' } };
    case 'buttons_response':
      return { buttonsResponseMessage: { selectedButtonId: content.id, selectedDisplayText: content.text } };
    case 'list_response':
      return {
        listResponseMessage: {
          title: content.title,
          description: content.description,
          singleSelectReply: { selectedRowId: content.id },
        },
      };
    case 'other':
      return { [content.name]: content.fields };
  }
}

export const vcardOf = (name: string, phone: string): string =>
  `BEGIN:VCARD\nVERSION:3.0\nFN:${name}\nTEL;type=CELL;waid=${phone.replace(/\D/g, '')}:+${phone.replace(/\D/g, '')}\nEND:VCARD`;
