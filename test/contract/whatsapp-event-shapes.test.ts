import { describe, expect, it } from 'vitest';
import { engineOf } from '../../shared/engines/registry.ts';
import type { ContentInput } from '../../simulators/whatsapp-engine/index.ts';
import { maria, useWhatsappEngine } from '../support/whatsapp-engine.ts';

const { engine, ingest } = useWhatsappEngine();

/** Reads the one event that is on its way. */
async function read() {
  await engine().state.idle();
  const frames = ingest().received.splice(0);
  expect(frames).toHaveLength(1);
  const result = engineOf('ryzeapi').readEvent(frames[0]?.frame);
  if (!result.ok) throw new Error(result.fault);
  return result.event;
}

const contents: [ContentInput, object][] = [
  [
    { type: 'text', text: 'oi' },
    { kind: 'message', body: { type: 'text', text: 'oi' } },
  ],
  [
    { type: 'image', caption: 'Look' },
    { body: { type: 'media', caption: 'Look', media: { kind: 'image', mimeType: 'image/png' } } },
  ],
  [{ type: 'audio' }, { body: { type: 'media', media: { kind: 'voice', mimeType: 'audio/ogg' } } }],
  [{ type: 'audio', voice: false }, { body: { type: 'media', media: { kind: 'audio', mimeType: 'audio/ogg' } } }],
  [{ type: 'video' }, { body: { type: 'media', media: { kind: 'video', mimeType: 'video/mp4' } } }],
  [{ type: 'document' }, { body: { type: 'media', media: { kind: 'document', fileName: 'document.pdf' } } }],
  [{ type: 'sticker' }, { body: { type: 'media', media: { kind: 'sticker', mimeType: 'image/webp' } } }],
  [
    { type: 'location', latitude: -23.5, longitude: -46.6, name: 'Sé', address: 'Praça da Sé' },
    { body: { type: 'location', location: { latitude: -23.5, longitude: -46.6, name: 'Sé', address: 'Praça da Sé' } } },
  ],
  [
    { type: 'contact', contacts: [{ name: 'João', phone: '5511977776666' }] },
    { body: { type: 'contacts', contacts: [{ name: 'João' }] } },
  ],
  [
    {
      type: 'contact',
      contacts: [
        { name: 'João', phone: '5511977776666' },
        { name: 'Ana', phone: '5511966665555' },
      ],
    },
    { body: { type: 'contacts', contacts: [{ name: 'João' }, { name: 'Ana' }] } },
  ],
  [
    { type: 'reaction', messageId: 'A', emoji: '👍' },
    { kind: 'reaction', originalId: 'A', emoji: '👍' },
  ],
  [
    { type: 'reaction', messageId: 'A', emoji: '' },
    { kind: 'reaction', originalId: 'A', emoji: '' },
  ],
  [
    { type: 'edit', messageId: 'A', text: 'new' },
    { kind: 'edit', originalId: 'A', text: 'new' },
  ],
  [
    { type: 'message_revoke', messageId: 'A' },
    { kind: 'revoke', originalId: 'A' },
  ],
  [{ type: 'buttons_response', id: 'b1', text: 'Yes' }, { body: { type: 'choice', text: 'Yes' } }],
  [{ type: 'list_response', id: 'r1', title: 'Row' }, { body: { type: 'choice', text: 'Row' } }],
  [{ type: 'other', name: 'something_new', fields: {} }, { body: { type: 'unsupported', name: 'something_new' } }],
];

describe.each(['live', 'catalogue'] as const)('in the %s shape', (shape) => {
  it.each(contents)('what the engine tells as %j is understood', async (content, event) => {
    engine().state.configure('suporte', { shape });
    const { id } = engine().state.receive('suporte', { from: { ...maria, lid: '777' }, content, replyTo: 'QUOTED' });

    expect(await read()).toMatchObject({
      id,
      direction: 'incoming',
      source: '',
      chat: { type: 'private', address: '5511988887777', number: '5511988887777', lid: '777@lid' },
      sender: { number: '5511988887777', lid: '777@lid', name: 'Maria' },
      ...event,
    });
  });

  it('a quote, a group, a hidden number and the owner’s own message are understood', async () => {
    engine().state.configure('suporte', { shape });
    const content = { type: 'text' as const, text: 'oi' };

    engine().state.receive('suporte', { from: maria, content, replyTo: 'QUOTED' });
    expect(await read()).toMatchObject({ replyTo: 'QUOTED' });

    engine().state.receive('suporte', { from: maria, content, group: { id: '12036300', name: 'Family' } });
    expect(await read()).toMatchObject({
      chat: { type: 'group', address: '12036300@g.us', name: 'Family' },
      sender: { number: '5511988887777' },
    });

    engine().state.receive('suporte', { from: { lid: '99887766', name: 'Hidden' }, content });
    expect(await read()).toMatchObject({
      chat: { address: '99887766@lid', number: undefined },
      sender: { lid: '99887766@lid', number: undefined },
    });

    engine().state.typeOnPhone('suporte', { to: maria, content });
    expect(await read()).toMatchObject({ direction: 'outgoing', chat: { address: '5511988887777' }, source: '' });
  });
});
