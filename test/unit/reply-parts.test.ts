import { describe, expect, it } from 'vitest';
import { type Part, partsOf } from '../../bridge/relay/to-whatsapp/parts.ts';
import type { AgentMessage, Attachment } from '../../bridge/relay/to-whatsapp/webhook-event.ts';
import { en } from '../../bridge/texts/en.ts';

const BASE = 'https://cw.example';
const url = (name: string) => `${BASE}/rails/active_storage/blobs/redirect/abc/${name}`;
const message = (changes: Partial<AgentMessage> = {}): AgentMessage => ({
  id: 1,
  conversationId: 3,
  createdAt: undefined,
  content: 'Olá **Maria**',
  contentType: 'text',
  items: [],
  agentName: 'Ana',
  attachments: [],
  quoted: undefined,
  contact: { id: 77, sourceId: '5511999999999', identifier: '', phoneNumber: '' },
  ...changes,
});
const parts = (changes: Partial<AgentMessage> = {}, signMessages = false): Part[] =>
  partsOf(message(changes), { signMessages, chatwootBaseUrl: BASE, texts: en });
const image: Attachment = { file_type: 'image', content_type: 'image/jpeg', extension: 'jpg', data_url: url('a.jpg') };
const voice: Attachment = { file_type: 'audio', content_type: 'audio/ogg', extension: 'ogg', data_url: url('a.ogg') };
const media = (changes: object) => expect.objectContaining({ kind: 'media', ...changes });

describe('partsOf: text', () => {
  it('turns the text into WhatsApp’s notation', () => {
    expect(parts()).toEqual([{ kind: 'text', text: 'Olá *Maria*' }]);
  });

  it('signs with the agent’s name where that is wanted, the colon outside the asterisks', () => {
    expect(parts({}, true)).toEqual([{ kind: 'text', text: '*Ana*:\nOlá *Maria*' }]);
    expect(parts({ agentName: 'Ana *B*\n Costa ' }, true)).toEqual([{ kind: 'text', text: '*Ana B Costa*:\nOlá *Maria*' }]);
  });

  it('never signs what no agent wrote', () => {
    expect(parts({ agentName: undefined }, true)).toEqual([{ kind: 'text', text: 'Olá *Maria*' }]);
  });

  it('has nothing to send for an empty message, signed or not', () => {
    expect(parts({ content: ' \n' })).toEqual([]);
    expect(parts({ content: '' }, true)).toEqual([]);
  });

  it('goes on in further messages, in order, where it is longer than WhatsApp takes', () => {
    const paragraph = (letter: string) => letter.repeat(40_000);
    const content = `${paragraph('a')}\n\n${paragraph('b')}\n\n${'👍'.repeat(40_000)}`;
    const texts = parts({ content }, true).map((part) => (part.kind === 'text' ? part.text : part.kind));
    expect(texts).toEqual([`*Ana*:\n${paragraph('a')}`, paragraph('b'), '👍'.repeat(32_768), '👍'.repeat(7_232)]);
    expect(parts({ content, attachments: [image, voice] }).map((part) => ('caption' in part ? part.caption : part))).toEqual([
      paragraph('a'),
      ...[paragraph('b'), '👍'.repeat(32_768), '👍'.repeat(7_232)].map((text) => ({ kind: 'text', text })),
      '',
    ]);
  });

  it('lists choices below the text', () => {
    expect(parts({ content: 'Qual?', items: ['Sim', 'Não'] })).toEqual([{ kind: 'text', text: 'Qual?\n- Sim\n- Não' }]);
  });
});

describe('partsOf: attachments', () => {
  it('gives the text to the first attachment only, and keeps their order', () => {
    const second = { ...image, data_url: url('b.jpg') };
    expect(parts({ attachments: [image, second, voice] })).toEqual([
      media({ url: url('a.jpg'), caption: 'Olá *Maria*' }),
      media({ url: url('b.jpg'), caption: '' }),
      media({ url: url('a.ogg'), caption: '' }),
    ]);
  });

  it('gives the text to the first attachment that takes a caption, and sends it before them where none does', () => {
    expect(parts({ attachments: [voice, image, image] })).toEqual([
      media({ type: 'audio', caption: '' }),
      media({ type: 'image', caption: 'Olá *Maria*' }),
      media({ type: 'image', caption: '' }),
    ]);
    expect(parts({ attachments: [voice] })).toEqual([
      { kind: 'text', text: 'Olá *Maria*' },
      media({ type: 'audio', caption: '' }),
    ]);
  });

  it('signs a picture without words, but makes no message of a signature alone', () => {
    expect(parts({ content: '', attachments: [image] }, true)).toEqual([media({ caption: '*Ana*:' })]);
    expect(parts({ content: '', attachments: [voice] }, true)).toEqual([media({ caption: '' })]);
  });

  it.each<[string, Partial<Attachment>, object]>([
    [
      'a photo',
      { file_type: 'image', content_type: 'image/png', data_url: url('a.png') },
      { type: 'image', mimeType: 'image/png' },
    ],
    ['an animation', { file_type: 'image', content_type: 'image/gif', data_url: url('a.gif') }, { type: 'document' }],
    ['a video', { file_type: 'video', content_type: 'video/mp4', data_url: url('a.mp4') }, { type: 'video' }],
    [
      'a film in a format of its own',
      { file_type: 'file', content_type: 'video/x-matroska', data_url: url('a.mkv') },
      { type: 'document' },
    ],
    [
      'a recording',
      { file_type: 'audio', content_type: 'audio/ogg; codecs=opus', data_url: url('5d1c6e0e-7a67-4f7e-9a3c-1de8ad4f1a11.ogg') },
      { type: 'audio', isVoice: true, mimeType: 'audio/ogg' },
    ],
    ['a song', { file_type: 'audio', content_type: 'audio/mpeg', data_url: url('a.mp3') }, { type: 'audio', isVoice: false }],
    [
      'a recording in MP3 (4.14.2)',
      { file_type: 'audio', content_type: 'audio/mpeg', data_url: url('a.mp3'), is_voice_message: true },
      { isVoice: true },
    ],
    [
      'a studio take',
      { file_type: 'audio', content_type: 'audio/wav', data_url: url('a.wav') },
      { type: 'document', isVoice: false },
    ],
    [
      'a PDF',
      { file_type: 'file', content_type: 'application/pdf', data_url: url('Or%C3%A7amento%201.pdf') },
      { type: 'document', fileName: 'Orçamento 1.pdf' },
    ],
    [
      'a photo before 4.13.0',
      { file_type: 'image', extension: 'jpg', data_url: url('a.jpg') },
      { type: 'image', mimeType: 'image/jpeg' },
    ],
    [
      'a recording before 4.13.0',
      { file_type: 'audio', extension: 'webm', data_url: url('5d1c6e0e-7a67-4f7e-9a3c-1de8ad4f1a11.webm') },
      { type: 'audio', mimeType: 'audio/webm', isVoice: true },
    ],
    [
      'a file known by its name only',
      { file_type: 'file', data_url: url('a.docx') },
      { type: 'document', mimeType: expect.stringContaining('wordprocessingml') },
    ],
    [
      'bytes of a kind that only Chatwoot tells',
      { file_type: 'video', data_url: url('clip') },
      { type: 'video', mimeType: '', fileName: 'clip' },
    ],
    [
      'bytes that were called just that',
      { file_type: 'image', content_type: 'application/octet-stream', data_url: url('a.jpg') },
      { type: 'image' },
    ],
    [
      'bytes that nobody knows',
      { file_type: null, data_url: url('x.qqq') },
      { type: 'document', mimeType: '', fileName: 'x.qqq' },
    ],
    [
      'a name that is no percent-encoding',
      { file_type: 'file', data_url: url('100%.pdf') },
      { type: 'document', fileName: '100%.pdf' },
    ],
    ['an address without a name', { file_type: 'file', extension: 'pdf', data_url: `${BASE}/` }, { fileName: 'file.pdf' }],
  ])('%s', (_, attachment, expected) => {
    expect(parts({ content: '', attachments: [attachment] })).toEqual([media(expected)]);
  });

  const UUID = '5D1c6e0e-7a67-4f7e-9a3c-1de8ad4f1a11';
  it.each([
    `${UUID}.mp3`,
    `${UUID}.mp3?disposition=inline`,
    `${UUID}.ogg`,
    UUID,
    '',
    '1785147300123.mp3',
    'blob.mp3',
    'audio.mp3',
    'PTT-20260726-WA0001.mp3',
    'WhatsApp%20Ptt%202026-07-27%20at%2010.15.00.mp3',
    'grava%C3%A7%C3%A3o%202.mp3',
  ])('sends sound called %j, without words, as a voice message', (name) => {
    const attachment = { file_type: 'audio', content_type: 'audio/mpeg', data_url: url(name) };
    expect(parts({ content: '', attachments: [attachment] })).toEqual([media({ type: 'audio', isVoice: true })]);
  });

  it.each(['Hino.mp3', 'reuni%C3%A3o%20de%20segunda.ogg', 'Audioguia.mp3', '7%20dias.m4a', `${UUID}-final.mp3`])(
    'sends sound that a person called %j as a file',
    (name) => {
      const attachment = { file_type: 'audio', content_type: 'audio/ogg', data_url: url(name) };
      expect(parts({ content: '', attachments: [attachment] })).toEqual([media({ type: 'audio', isVoice: false })]);
    },
  );

  it('sends sound with words as a file, whatever it is called', () => {
    const attachment = { file_type: 'audio', content_type: 'audio/mpeg', data_url: url(`${UUID}.mp3`) };
    expect(parts({ attachments: [attachment] })).toEqual([
      { kind: 'text', text: 'Olá *Maria*' },
      media({ type: 'audio', isVoice: false }),
    ]);
  });

  it('sends a place, a contact card and a link as text', () => {
    const place = { file_type: 'location', coordinates_lat: -23.5, coordinates_long: -46.6, fallback_title: 'Loja' };
    const card = { file_type: 'contact', fallback_title: '+5511888888888', meta: { firstName: 'João', lastName: 'Silva' } };
    const link = { file_type: 'fallback', fallback_title: 'Vídeo', data_url: 'https://x.com/v' };
    expect(parts({ attachments: [place, card, link] })).toEqual([
      { kind: 'text', text: 'Olá *Maria*' },
      { kind: 'text', text: 'Loja\nhttps://maps.google.com/?q=-23.5,-46.6' },
      { kind: 'text', text: 'João Silva\n+5511888888888' },
      { kind: 'text', text: 'Vídeo\nhttps://x.com/v' },
    ]);
  });

  it.each<[string, Attachment]>([
    ['an attachment without an address', { file_type: 'image', data_url: '' }],
    ['an attachment behind something else than http', { file_type: 'image', data_url: 'file:///etc/passwd' }],
    ['an address that is none', { file_type: 'image', data_url: 'http://[' }],
    ['a place without coordinates', { file_type: 'location' }],
    ['an empty card', { file_type: 'contact', meta: { firstName: 7 } }],
  ])('sends nothing of a message with %s, and says why', (_, attachment) => {
    expect(parts({ attachments: [image, attachment] })).toEqual([{ kind: 'impossible', reason: expect.stringMatching(/\w+/) }]);
  });

  it.each([
    ['a recorded WAV', 'audio', 'audio/x-wav', 'recording.wav', 'audio/wav'],
    ['what a browser recorded', 'video', 'video/webm', '0b2f6f1e-7a67-4f7e-9a3c-1de8ad4f1a11.webm', 'audio/webm'],
    ['what a browser recorded, under a word', 'video', 'video/webm', 'audio_1700000000.webm', 'audio/webm'],
    ['what Chatwoot says was recorded', 'audio', 'audio/wav', 'Ana.wav', 'audio/wav', true],
  ])('sends %s as a voice message', (_name, file_type, content_type, name, mimeType, is_voice_message = false) => {
    const attachment = { file_type, content_type, data_url: url(name), is_voice_message };
    expect(parts({ content: '', attachments: [attachment] })).toEqual([media({ type: 'audio', isVoice: true, mimeType })]);
  });

  it.each([
    ['a film', 'video', 'video/webm', 'holiday.webm'],
    ['a film named by its time', 'video', 'video/webm', '2026-07-26 10-00-00.webm'],
    ['sound of its own name', 'audio', 'audio/wav', 'Bohemian Rhapsody.wav'],
  ])('sends %s as a document', (_name, file_type, content_type, name) => {
    const attachment = { file_type, content_type, data_url: url(encodeURIComponent(name)) };
    expect(parts({ content: '', attachments: [attachment] })).toEqual([
      media({ type: 'document', isVoice: false, fileName: name }),
    ]);
  });

  it.each([
    ['Contrato', 'application/pdf', 'Contrato.pdf'],
    ['proposta v1.2', 'application/pdf', 'proposta v1.2.pdf'],
    ['notes.md', 'text/plain', 'notes.md'],
  ])('gives %s an extension by which it is opened', (name, content_type, fileName) => {
    const attachment = { file_type: 'file', content_type, data_url: url(encodeURIComponent(name)) };
    expect(parts({ attachments: [attachment] })).toEqual([media({ fileName })]);
  });

  it('corrects the address of an installation that does not know its own', () => {
    const attachments = [{ ...image, data_url: 'http://0.0.0.0:3000/rails/x/a.jpg?disposition=inline' }];
    expect(parts({ attachments })).toEqual([media({ url: `${BASE}/rails/x/a.jpg?disposition=inline` })]);
    const local = partsOf(message({ attachments }), { signMessages: false, chatwootBaseUrl: 'http://127.0.0.1:4000', texts: en });
    expect(local).toEqual([media({ url: 'http://0.0.0.0:3000/rails/x/a.jpg?disposition=inline' })]);
  });
});
