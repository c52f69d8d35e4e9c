import { createHash } from 'node:crypto';
import type { Message } from '../../whatsapp-engine/rows.ts';

export type Json = Record<string, unknown>;

/** The layouts in which versions of Evolution write one and the same event: their names are those of the versions that began with them. */
export const layouts = ['2.2', '2.3', '2.4'] as const;
export type Layout = (typeof layouts)[number];

/** Bytes: base64 until the engine began to spread its protobuf objects, an index object since. */
const bytes = (value: Buffer, layout: Layout): unknown =>
  layout === '2.2' ? value.toString('base64') : Object.fromEntries([...value].map((byte, index) => [index, byte]));

const long = (value: number, layout: Layout): unknown =>
  layout === '2.2' ? String(value) : { low: value | 0, high: Math.floor(value / 2 ** 32), unsigned: true };

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

/** `message` and `messageType` of an event. */
export function protoOf(message: Message, layout: Layout, own: { jid: string }): { message: Json; messageType: string } {
  const [messageType, value] = contentOf(message, layout, own);
  // The secret of each message, beside what it says.
  const messageContextInfo = { messageSecret: bytes(hash(message.id), layout) };
  return { message: { [messageType]: value, messageContextInfo }, messageType };
}

function contentOf(message: Message, layout: Layout, own: { jid: string }): [string, unknown] {
  const { content } = message;
  switch (content.type) {
    case 'text':
      // Older versions leave a text with a quote as it is; newer ones write it as a plain one, and the quote beside it.
      return layout === '2.2' && message.replyTo !== null
        ? [
            'extendedTextMessage',
            { text: content.text, contextInfo: { stanzaId: message.replyTo, quotedMessage: { conversation: '…' } } },
          ]
        : ['conversation', content.text];
    case 'image':
      return ['imageMessage', { ...media(message, layout), caption: content.caption, height: 16, width: 16 }];
    case 'video':
      return ['videoMessage', { ...media(message, layout), caption: content.caption, seconds: 1 }];
    case 'document':
      return [
        'documentMessage',
        {
          ...media(message, layout),
          caption: content.caption,
          fileName: message.media?.fileName,
          title: message.media?.fileName,
        },
      ];
    case 'sticker':
      return ['stickerMessage', { ...media(message, layout), isAnimated: false }];
    case 'audio':
      return ['audioMessage', { ...media(message, layout), seconds: 1, ptt: content.voice }];
    case 'location':
      return [
        'locationMessage',
        { degreesLatitude: content.latitude, degreesLongitude: content.longitude, name: content.name, address: content.address },
      ];
    case 'contact':
      return content.contacts.length === 1
        ? ['contactMessage', card(content.contacts[0] ?? { name: '', phone: '' })]
        : ['contactsArrayMessage', { displayName: `${content.contacts.length} contacts`, contacts: content.contacts.map(card) }];
    case 'reaction':
      return [
        'reactionMessage',
        {
          key: { remoteJid: own.jid, fromMe: true, id: content.messageId },
          text: content.emoji,
          senderTimestampMs: long(Date.now(), layout),
        },
      ];
    case 'buttons_response':
      return ['buttonsResponseMessage', { selectedButtonId: content.id, selectedDisplayText: content.text }];
    case 'list_response':
      return [
        'listResponseMessage',
        { title: content.title, description: content.description, singleSelectReply: { selectedRowId: content.id } },
      ];
    case 'other':
      return [content.name, content.fields];
    case 'edit':
    case 'message_revoke':
      throw new Error('edits and revocations are events of their own');
  }
}

const card = ({ name, phone }: { name: string; phone: string }) => ({
  displayName: name,
  vcard: `BEGIN:VCARD\nVERSION:3.0\nFN:${name}\nTEL;type=CELL;waid=${phone.replace(/\D/g, '')}:${phone}\nEND:VCARD`,
});

function media({ media: file }: Message, layout: Layout): Json {
  if (file === null) return {};
  return {
    url: `https://mmg.whatsapp.net/v/t62.7118-24/${file.key}.enc?ccb=11-4`,
    directPath: `/v/t62.7118-24/${file.key}.enc?ccb=11-4`,
    mimetype: file.mimeType,
    fileLength: long(Buffer.byteLength(file.base64, 'base64'), layout),
    mediaKey: bytes(hash(file.key), layout),
    fileSha256: bytes(hash(file.base64), layout),
    fileEncSha256: bytes(hash(`${file.key}enc`), layout),
    jpegThumbnail: bytes(Buffer.alloc(40, 1), layout),
    ...(layout === '2.2' ? {} : { interactiveAnnotations: [], scanLengths: [], annotations: [] }),
  };
}
