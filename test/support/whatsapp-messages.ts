import type { ProtoMessage } from './whatsapp-protobuf.ts';

/** The body of a message with a file. */
const media = (values: object, caption = '') => ({
  type: 'media',
  media: { mimeType: '', fileName: '', base64: undefined, urls: [], reference: undefined, ...values },
  caption,
});
/** Of a message that we had sent. */
export const key = { remoteJid: '5511900000001@s.whatsapp.net', fromMe: true, id: '3EB0SENT' };
/** Where WhatsApp keeps it. */
export const file = {
  url: 'https://mmg.whatsapp.net/a.enc',
  mediaKey: Buffer.from([1, 2, 3]),
  fileLength: 226_806,
  jpegThumbnail: Buffer.alloc(9),
};

/** Messages of WhatsApp by their kinds, and the body that each is read as. */
export const MESSAGE_BODIES: readonly (readonly [string, ProtoMessage, unknown])[] = [
  ['text', { conversation: 'Oi' }, { type: 'text', text: 'Oi' }],
  ['text of blanks', { conversation: '  ' }, { type: 'text', text: '  ' }],
  [
    'text with a preview',
    { extendedTextMessage: { text: 'Oi https://a.example', title: 'A' } },
    { type: 'text', text: 'Oi https://a.example' },
  ],
  [
    'image',
    { imageMessage: { ...file, mimetype: 'image/jpeg', caption: 'olha' } },
    media({ kind: 'image', mimeType: 'image/jpeg' }, 'olha'),
  ],
  [
    'video',
    { videoMessage: { ...file, mimetype: 'video/mp4', gifPlayback: true } },
    media({ kind: 'video', mimeType: 'video/mp4' }),
  ],
  ['round video', { ptvMessage: { ...file, mimetype: 'video/mp4' } }, media({ kind: 'video_note', mimeType: 'video/mp4' })],
  [
    'voice message',
    { audioMessage: { ...file, mimetype: 'audio/ogg; codecs=opus', ptt: true } },
    media({ kind: 'voice', mimeType: 'audio/ogg' }),
  ],
  ['audio file', { audioMessage: { ...file, mimetype: 'audio/mpeg' } }, media({ kind: 'audio', mimeType: 'audio/mpeg' })],
  ['sticker', { stickerMessage: { ...file, mimetype: 'image/webp' } }, media({ kind: 'sticker', mimeType: 'image/webp' })],
  [
    'document with a caption',
    {
      documentWithCaptionMessage: {
        message: { documentMessage: { ...file, fileName: 'nota.pdf', mimetype: 'application/pdf', caption: 'segue' } },
      },
    },
    media({ kind: 'document', mimeType: 'application/pdf', fileName: 'nota.pdf' }, 'segue'),
  ],
  [
    'view-once picture within a message that disappears',
    { ephemeralMessage: { message: { viewOnceMessageV2: { message: { imageMessage: { ...file, mimetype: 'image/jpeg' } } } } } },
    media({ kind: 'image', mimeType: 'image/jpeg' }),
  ],
  [
    'text from another device',
    { deviceSentMessage: { destinationJid: 'x', message: { conversation: 'Oi' } } },
    { type: 'text', text: 'Oi' },
  ],
  [
    'text beside a key of a group',
    { senderKeyDistributionMessage: { groupId: 'g' }, conversation: 'Oi' },
    { type: 'text', text: 'Oi' },
  ],
  [
    'location',
    { locationMessage: { degreesLatitude: -23.5, degreesLongitude: -46.6, name: 'Loja' } },
    { type: 'location', location: { latitude: -23.5, longitude: -46.6, name: 'Loja', address: '' } },
  ],
  [
    'live location',
    { liveLocationMessage: { degreesLatitude: -23.5, degreesLongitude: -46.6, caption: 'a caminho' } },
    { type: 'location', location: { latitude: -23.5, longitude: -46.6, name: 'a caminho', address: '', isLive: true } },
  ],
  [
    'contacts',
    {
      contactsArrayMessage: {
        contacts: [{ displayName: 'Bruno', vcard: 'BEGIN:VCARD\nFN:Bruno\nTEL;waid=5511900000002:+55 11 90000-0002\nEND:VCARD' }],
      },
    },
    { type: 'contacts', contacts: [{ name: 'Bruno', phones: ['+55 11 90000-0002'] }] },
  ],
  [
    'button that was tapped',
    { buttonsResponseMessage: { selectedButtonId: '1', selectedDisplayText: 'Sim' } },
    { type: 'choice', text: 'Sim' },
  ],
  [
    'button of a template',
    { templateButtonReplyMessage: { selectedId: '1', selectedDisplayText: 'Sim' } },
    { type: 'choice', text: 'Sim' },
  ],
  [
    'entry of a list',
    { listResponseMessage: { title: 'Vendas', description: 'falar com vendas', singleSelectReply: { selectedRowId: '1' } } },
    { type: 'choice', text: 'Vendas\nfalar com vendas' },
  ],
  [
    'answer to a flow',
    { interactiveResponseMessage: { nativeFlowResponseMessage: { name: 'menu', paramsJson: '{"id":"1","title":"Vendas"}' } } },
    { type: 'choice', text: 'Vendas' },
  ],
  [
    'poll',
    { pollCreationMessageV3: { name: 'Quando?', options: [{ optionName: 'Hoje' }, { optionName: 'Amanhã' }] } },
    { type: 'poll', question: 'Quando?', options: ['Hoje', 'Amanhã'] },
  ],
  [
    'vote that nobody has decrypted',
    { pollUpdateMessage: { pollCreationMessageKey: key, vote: { encPayload: Buffer.from([1]) } } },
    { type: 'unsupported', name: 'poll vote', text: '' },
  ],
  [
    'buttons of a business',
    {
      interactiveMessage: {
        header: { title: 'Pedido' },
        body: { text: 'Confirma?' },
        footer: { text: 'Loja' },
        nativeFlowMessage: { buttons: [{ name: 'quick_reply', buttonParamsJson: '{"display_text":"Sim"}' }] },
      },
    },
    { type: 'text', text: '*Pedido*\nConfirma?\nLoja\n• Sim' },
  ],
  [
    'template with a picture',
    {
      templateMessage: {
        hydratedTemplate: {
          imageMessage: { ...file, mimetype: 'image/jpeg' },
          hydratedContentText: 'Chegou',
          hydratedButtons: [{ urlButton: { displayText: 'Ver', url: 'https://a.example' } }],
        },
      },
    },
    media({ kind: 'image', mimeType: 'image/jpeg' }, 'Chegou\n• Ver'),
  ],
  [
    'list of a business',
    {
      listMessage: {
        title: 'Menu',
        description: 'Escolha',
        buttonText: 'Ver',
        sections: [{ rows: [{ title: 'Vendas', description: 'preços' }] }],
      },
    },
    { type: 'text', text: '*Menu*\nEscolha\n• Vendas – preços' },
  ],
  [
    'invitation to a group',
    { groupInviteMessage: { groupName: 'Turma', caption: 'Entra' } },
    { type: 'unsupported', name: 'group invitation', text: 'Entra' },
  ],
  ['event', { eventMessage: { name: 'Festa' } }, { type: 'unsupported', name: 'event', text: 'Festa' }],
  ['placeholder', { placeholderMessage: { type: 0 } }, { type: 'placeholder' }],
];
