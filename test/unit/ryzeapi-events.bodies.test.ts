import { describe, expect, it } from 'vitest';
import { documented, parse, wire } from './ryzeapi-events.fixture.ts';

const text = (value: string) => ({ type: 'text', text: value });
const media = (values: object, caption = '') => ({
  type: 'media',
  media: { mimeType: '', fileName: '', base64: undefined, urls: [], ...values },
  caption,
});

describe('what a message of RyzeAPI says', () => {
  it.each([
    ['text on the wire', wire({ content: 'Oi' }), text('Oi')],
    ['text as documented', documented({ content: { text: 'Oi' } }), text('Oi')],
    ['text with NUL and half a surrogate pair', wire({ content: 'a\u0000b\ud800' }), text('ab\ufffd')],
    [
      'image on the wire',
      wire({ type: 'image', content: 'look', media: { mimeType: 'image/jpeg', base64: 'AAAA', caption: 'look' } }),
      media({ kind: 'image', mimeType: 'image/jpeg', base64: 'AAAA' }, 'look'),
    ],
    [
      'image as documented',
      documented({
        content: {},
        media: {
          type: 'image',
          mimetype: 'image/png',
          s3Url: 'https://s3.example.com/a.png',
          url: 'https://media-gru1.whatsapp.net/x.enc',
        },
      }),
      media({ kind: 'image', mimeType: 'image/png', urls: ['https://s3.example.com/a.png'] }),
    ],
    [
      'image whose caption stands in content only',
      wire({ type: 'image', content: 'look', media: { mime_type: 'image/webp', url: 'https://x.example.com/a' } }),
      media({ kind: 'image', mimeType: 'image/webp', urls: ['https://x.example.com/a'] }, 'look'),
    ],
    [
      'voice message on the wire',
      wire({
        type: 'audio',
        media: { mimeType: 'audio/ogg; codecs=opus', base64: 'data:audio/ogg;base64,BBBB', isVoiceNote: true },
      }),
      media({ kind: 'voice', mimeType: 'audio/ogg', base64: 'BBBB' }),
    ],
    [
      'voice message as documented',
      documented({ media: { type: 'ptt', mimetype: 'audio/ogg', base64: 'BBBB' } }),
      media({ kind: 'voice', mimeType: 'audio/ogg', base64: 'BBBB' }),
    ],
    [
      'audio',
      wire({ type: 'audio', media: { mimeType: 'audio/mpeg', base64: 'BBBB' } }),
      media({ kind: 'audio', mimeType: 'audio/mpeg', base64: 'BBBB' }),
    ],
    [
      'video note',
      documented({ media: { type: 'ptv', mimetype: 'video/mp4' } }),
      media({ kind: 'video_note', mimeType: 'video/mp4' }),
    ],
    [
      'video of a type that is in no documentation',
      wire({ type: 'gif_playback', media: { mimeType: 'video/mp4', base64: 'CCCC' } }),
      media({ kind: 'video', mimeType: 'video/mp4', base64: 'CCCC' }),
    ],
    [
      'sticker',
      wire({ type: 'sticker', media: { mimetype: 'image/webp', base64: 'DDDD' } }),
      media({ kind: 'sticker', mimeType: 'image/webp', base64: 'DDDD' }),
    ],
    [
      'document on the wire',
      wire({ type: 'document', media: { mimeType: 'application/pdf', fileName: 'a.pdf', base64: 'EEEE' } }),
      media({ kind: 'document', mimeType: 'application/pdf', fileName: 'a.pdf', base64: 'EEEE' }),
    ],
    [
      'picture sent as a document',
      documented({ media: { type: 'document', mimetype: 'image/jpeg', filename: 'a.jpg' } }),
      media({ kind: 'document', mimeType: 'image/jpeg', fileName: 'a.jpg' }),
    ],
    [
      'document with file_name',
      wire({ type: 'document', media: { mime_type: 'text/csv', file_name: 'a.csv' } }),
      media({ kind: 'document', mimeType: 'text/csv', fileName: 'a.csv' }),
    ],
    [
      'location',
      wire({ type: 'location', location: { latitude: -23.5, longitude: '-46.6', name: 'Sé', address: 'Praça' } }),
      { type: 'location', location: { latitude: -23.5, longitude: -46.6, name: 'Sé', address: 'Praça' } },
    ],
    [
      'contact card',
      wire({
        type: 'contact',
        contact: { displayName: 'Ana', vcard: 'BEGIN:VCARD\nFN:Ana B\nTEL;type=CELL;waid=5511:+55 11 98888-7777\nEND:VCARD' },
      }),
      { type: 'contacts', contacts: [{ name: 'Ana', phones: ['+55 11 98888-7777'] }] },
    ],
    [
      'contact card with nothing but a vCard',
      documented({ type: 'contact', contact: { vcard: 'BEGIN:VCARD\r\nFN:Ana B\r\nitem1.TEL:+551198\r\n' } }),
      { type: 'contacts', contacts: [{ name: 'Ana B', phones: ['+551198'] }] },
    ],
    [
      'several contacts',
      wire({
        type: 'contacts',
        contacts: [
          { name: 'A', phone: '1' },
          { name: 'B', phones: [{ number: '2' }, '3'] },
        ],
      }),
      {
        type: 'contacts',
        contacts: [
          { name: 'A', phones: ['1'] },
          { name: 'B', phones: ['2', '3'] },
        ],
      },
    ],
    [
      'button',
      wire({ type: 'buttons_response', content: '', interactive: { id: 'b1', displayText: 'Yes' } }),
      { type: 'choice', text: 'Yes' },
    ],
    ['list entry', wire({ type: 'list_response', content: 'Sales' }), { type: 'choice', text: 'Sales' }],
    [
      'poll',
      wire({ type: 'poll_creation', poll: { name: 'Lunch?', options: ['Yes', { optionName: 'No' }] } }),
      { type: 'poll', question: 'Lunch?', options: ['Yes', 'No'] },
    ],
    ['a type that nobody knows, with text', wire({ type: 'hologram', content: 'hi' }), text('hi')],
    [
      'a type that nobody knows, without',
      wire({ type: 'hologram', hologram: { inner: { title: 'Cube' } } }),
      { type: 'unsupported', name: 'hologram', text: 'Cube' },
    ],
    ['nothing at all', wire({}), { type: 'unsupported', name: 'text', text: '' }],
  ])('reads the body of a message: %s', (_name, envelope, body) => {
    expect(parse(envelope)).toMatchObject({ kind: 'message', id: '3EB0AA', direction: 'incoming', body });
  });
});
