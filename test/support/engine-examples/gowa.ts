import { ANA, type EngineExample, EXAMPLE_SECRET, inPrivate, said } from './example.ts';

const gowaCommon = {
  id: '3A01',
  chat_id: ANA,
  from: ANA,
  from_name: 'Ana',
  timestamp: '2026-11-26T12:10:11Z',
  is_from_me: false,
};
/** Of GOWA. */
export const gowa = (
  [
    [
      'a text, by number and lid, with a quote',
      {
        event: 'message',
        payload: { chat_lid: '135@lid', from_lid: '135@lid', body: 'oi', replied_to_id: '3EB0', quoted_body: 'citado' },
      },
      { ...said('oi'), replyTo: '3EB0', chat: { ...inPrivate, lid: '135@lid', name: 'Ana' } },
    ],
    [
      'a picture',
      { event: 'message', payload: { image: { path: 'statics/media/1732.jpe', caption: 'foto' } } },
      { kind: 'message', body: { type: 'media', caption: 'foto', media: { kind: 'image' } } },
    ],
    [
      'an emoji',
      { event: 'message.reaction', payload: { reaction: '👍', reacted_message_id: '3EB0' } },
      { kind: 'reaction', originalId: '3EB0', emoji: '👍' },
    ],
    [
      'an edit',
      { event: 'message.edited', payload: { original_message_id: '3A01', body: 'novo' } },
      { kind: 'edit', originalId: '3A01', text: 'novo' },
    ],
    [
      'a deletion',
      { event: 'message.revoked', payload: { revoked_message_id: '3A01', revoked_from_me: false, revoked_chat: ANA } },
      { kind: 'revoke', originalId: '3A01' },
    ],
    [
      'a receipt',
      { event: 'message.ack', payload: { ids: ['3EB0'], receipt_type: 'read' } },
      { kind: 'status', messageIds: ['3EB0'], status: 'read' },
    ],
  ] as const
).map(
  ([title, { event, payload }, expected]): EngineExample => ({
    kind: 'gowa',
    title,
    body: {
      event,
      device_id: '5511900000009@s.whatsapp.net',
      session_id: 'loja',
      payload: { ...gowaCommon, ...payload, webhook_secret: EXAMPLE_SECRET },
    },
    events: [expected],
  }),
);
