import { describe, expect, it } from 'vitest';
import type { ContentInput } from '../../simulators/whatsapp-engine/index.ts';
import { INSTANCE_TOKEN, maria, useWhatsappEngine } from '../support/whatsapp-engine.ts';

const { engine, ingest, dataOf } = useWhatsappEngine();

describe('events of the WhatsApp engine simulator', () => {
  it('go to the instance’s address with its token, in the documented envelope', async () => {
    engine().state.receive('suporte', { from: maria, content: { type: 'text', text: 'Bom dia' }, id: 'ABC' });
    await engine().state.idle();

    expect(ingest().received).toEqual([
      {
        path: '/api/events/ingest/suporte',
        token: INSTANCE_TOKEN,
        frame: {
          event: 'message.exchange',
          data: expect.objectContaining({ id: 'ABC', direction: 'incoming' }),
          instanceData: { baseUrl: engine().url(), instance: 'suporte', token: INSTANCE_TOKEN },
        },
      },
    ]);
  });

  it('have on the wire chat and sender beside the message, whose content is a string', async () => {
    engine().state.receive('suporte', {
      from: { ...maria, lid: '777' },
      content: { type: 'text', text: 'Bom dia' },
      replyTo: 'XYZ',
    });

    expect(await dataOf('message.exchange')).toMatchObject([
      {
        chat: { jid: '5511988887777@s.whatsapp.net', lid: '777@lid', name: 'Maria', type: 'private' },
        sender: { jid: '5511988887777@s.whatsapp.net', lid: '777@lid', name: 'Maria' },
        message: { type: 'text', content: 'Bom dia', source: '', isEdit: false, media: null, reply: { message_id: 'XYZ' } },
      },
    ]);
  });

  it('have in the catalogue’s shape everything inside the message, whose content is an object', async () => {
    engine().state.configure('suporte', { shape: 'catalogue' });
    engine().state.receive('suporte', { from: maria, content: { type: 'text', text: 'Bom dia' } });
    engine().state.receive('suporte', { from: maria, content: { type: 'audio' } });

    const [text, voice] = await dataOf('message.exchange');

    expect(text).toMatchObject({
      message: { direction: 'incoming', chat: { jid: '5511988887777', type: 'private' }, content: { text: 'Bom dia' } },
    });
    expect(text).not.toHaveProperty('chat');
    expect(text).not.toHaveProperty('message.type');
    expect(voice).toMatchObject({ message: { content: {}, media: { type: 'ptt', mimetype: 'audio/ogg; codecs=opus' } } });
  });

  const contents: [string, ContentInput, object][] = [
    ['text', { type: 'text', text: 'oi' }, { content: 'oi' }],
    ['image', { type: 'image', caption: 'Look' }, { content: 'Look', media: { mimeType: 'image/png', caption: 'Look' } }],
    ['audio', { type: 'audio' }, { media: { mimeType: 'audio/ogg; codecs=opus', isVoiceNote: true } }],
    ['audio', { type: 'audio', voice: false }, { media: { mimeType: 'audio/ogg', isVoiceNote: false } }],
    ['video', { type: 'video' }, { media: { mimeType: 'video/mp4' } }],
    ['document', { type: 'document' }, { media: { mimeType: 'application/pdf', fileName: 'document.pdf' } }],
    ['sticker', { type: 'sticker' }, { media: { mimeType: 'image/webp' } }],
    [
      'location',
      { type: 'location', latitude: -23.5, longitude: -46.6, name: 'Sé' },
      { location: { latitude: -23.5, name: 'Sé' } },
    ],
    [
      'contact',
      { type: 'contact', contacts: [{ name: 'João', phone: '+55 11 9' }] },
      { contact: { name: 'João', phone: '55119' } },
    ],
    ['reaction', { type: 'reaction', messageId: 'A', emoji: '👍' }, { reaction: { emoji: '👍', message_id: 'A' } }],
    [
      'text',
      { type: 'edit', messageId: 'A', text: 'new' },
      { content: 'new', isEdit: true, edit: { original_id: 'A', text: 'new' } },
    ],
    ['message_revoke', { type: 'message_revoke', messageId: 'A' }, { revoke: { original_id: 'A' } }],
    ['buttons_response', { type: 'buttons_response', id: 'b1', text: 'Yes' }, { content: 'Yes', interactive: { id: 'b1' } }],
    [
      'list_response',
      { type: 'list_response', id: 'r1', title: 'Row' },
      { content: 'Row', interactive: { id: 'r1', title: 'Row' } },
    ],
    ['poll_creation', { type: 'other', name: 'poll_creation', fields: { poll: { name: 'When?' } } }, { poll: { name: 'When?' } }],
  ];
  it.each(contents)('tell a message of type %s: %j', async (type, content, parts) => {
    engine().state.receive('suporte', { from: maria, content });

    expect(await dataOf('message.exchange')).toMatchObject([{ message: { type, ...parts } }]);
  });

  it('tell a group by its own address, and who in it wrote', async () => {
    const group = { id: '120363000000000000', name: 'Family', isCommunity: true };
    engine().state.receive('suporte', { from: maria, group, content: { type: 'text', text: 'oi' } });

    expect(await dataOf('message.exchange')).toMatchObject([
      {
        chat: { jid: '120363000000000000@g.us', name: 'Family', type: 'group', isCommunity: true },
        sender: { jid: '5511988887777@s.whatsapp.net', name: 'Maria' },
      },
    ]);
  });

  it('know of somebody who hides the number nothing but a lid', async () => {
    engine().state.receive('suporte', { from: { lid: '99887766', name: 'Hidden' }, content: { type: 'text', text: 'oi' } });

    expect(await dataOf('message.exchange')).toMatchObject([{ chat: { jid: '99887766@lid' }, sender: { jid: '99887766@lid' } }]);
  });

  it('tell what the owner types on the phone as outgoing, without a source', async () => {
    engine().state.typeOnPhone('suporte', { to: maria, content: { type: 'text', text: 'From the phone' } });

    expect(await dataOf('message.exchange')).toMatchObject([
      {
        direction: 'outgoing',
        chat: { jid: '5511988887777@s.whatsapp.net' },
        sender: { jid: '5511999990000@s.whatsapp.net' },
        message: { content: 'From the phone', source: '' },
      },
    ]);
    expect(engine().state.sent()).toEqual([]);
  });

  it('tell the state of the instance, the fate of a message, and whatever else', async () => {
    engine().state.setConnected('suporte', false, 'logged_out');
    const message = engine().state.typeOnPhone('suporte', { to: maria, content: { type: 'text', text: 'x' } });
    engine().state.reportStatus('suporte', [message.id], 'server_error');
    engine().state.emit('suporte', 'call.update', { id: 'call-1' });

    expect(await dataOf('instance.state')).toMatchObject([{ instance: 'suporte', state: 'logged_out' }]);
    expect(await dataOf('message.status')).toMatchObject([{ messageIds: [message.id], status: 'server_error' }]);
    expect(await dataOf('call.update')).toEqual([{ id: 'call-1' }]);
  });

  it('are sent again until they are taken, in order', async () => {
    ingest().answers.push(503, 401, 500);
    for (const text of ['one', 'two', 'three'])
      engine().state.receive('suporte', { from: maria, content: { type: 'text', text } });

    const frames = await dataOf('message.exchange');

    expect(frames).toMatchObject(['one', 'two', 'three'].map((content) => ({ message: { content } })));
    expect(engine().state.deliveries()).toMatchObject([{ attempts: 4, state: 'delivered' }, { attempts: 1 }, { attempts: 1 }]);
  });

  it('are put aside when nobody ever takes them, and can be sent once more', async () => {
    ingest().answers.push(500, 500, 500, 500, 500);
    engine().state.receive('suporte', { from: maria, content: { type: 'text', text: 'lost' } });
    await engine().state.idle();
    const [delivery] = engine().state.deliveries();
    expect(delivery).toMatchObject({ state: 'dead', attempts: 5, lastStatus: 500 });
    expect(ingest().received).toEqual([]);

    engine().state.redeliver(delivery?.id ?? 0);

    expect(await dataOf('message.exchange')).toMatchObject([{ message: { content: 'lost' } }]);
  });
});
