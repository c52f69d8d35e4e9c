import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isOurSource, replyOf, replySource } from '../../bridge/relay/source-id.ts';
import { type RecipientFacts, recipientOf } from '../../bridge/relay/to-whatsapp/recipient.ts';
import { readWebhookEvent } from '../../bridge/relay/to-whatsapp/webhook-event.ts';
import { checkSignature } from '../../bridge/relay/to-whatsapp/webhook-signature.ts';
import { en } from '../../bridge/texts/en.ts';

const webhook = (changes: Record<string, unknown> = {}): Record<string, unknown> => ({
  event: 'message_created',
  id: 102,
  account: { id: 5, name: 'Acme' },
  content: 'Olá **Maria**',
  content_type: 'text',
  content_attributes: {},
  message_type: 'outgoing',
  private: false,
  source_id: null,
  created_at: '2026-07-27T10:15:00.000Z',
  inbox: { id: 12, name: 'WhatsApp - Orion' },
  sender: { id: 1, name: 'Ana', email: 'ana@x.com', type: 'user' },
  conversation: {
    id: 3,
    contact_inbox: { id: 31, source_id: '5511999999999', pubsub_token: 'secret' },
    messages: [{ id: 102, status: 'sent' }],
    meta: { sender: { id: 77, name: 'Maria', identifier: null, phone_number: '+5511999999999', type: 'contact' } },
  },
  ...changes,
});

describe('readWebhookEvent', () => {
  it('reads an agent’s message, and keeps nothing that is not needed', () => {
    expect(readWebhookEvent(webhook())).toEqual({
      kind: 'created',
      inboxId: 12,
      message: {
        id: 102,
        conversationId: 3,
        createdAt: new Date('2026-07-27T10:15:00.000Z'),
        content: 'Olá **Maria**',
        contentType: 'text',
        items: [],
        agentName: 'Ana',
        attachments: [],
        quoted: undefined,
        contact: { id: 77, sourceId: '5511999999999', identifier: '', phoneNumber: '+5511999999999' },
      },
    });
  });

  it('signs with the name that an agent shows to customers, wherever Chatwoot tells it', () => {
    const ana = { id: 1, name: 'Ana Maria Souza', type: 'user' };
    const shown = { ...ana, available_name: 'Ana' };
    const { conversation } = webhook() as { conversation: { meta: object } };
    const agentName = (sender: object, more: object) => {
      const event = readWebhookEvent(webhook({ sender, conversation: { ...conversation, ...more } }));
      return event.kind === 'created' ? event.message.agentName : undefined;
    };
    expect(agentName(shown, {})).toBe('Ana');
    expect(agentName(ana, { messages: [{ id: 102, status: 'sent', sender: shown }] })).toBe('Ana');
    expect(agentName(ana, { messages: [], meta: { ...conversation.meta, assignee: shown } })).toBe('Ana');
    expect(agentName(ana, { meta: { ...conversation.meta, assignee: { ...shown, id: 2, available_name: 'Bia' } } })).toBe(
      'Ana Maria Souza',
    );
  });

  it('keeps the links of a bot’s cards', () => {
    const items = [
      {
        title: 'Plano',
        description: 'Por mês',
        media_url: 'https://x.com/a.png',
        actions: [
          { type: 'link', text: 'Assinar', uri: 'https://x.com/buy' },
          { type: 'postback', text: 'Falar com alguém', payload: 'x' },
        ],
      },
    ];
    expect(readWebhookEvent(webhook({ content_type: 'cards', content_attributes: { items } }))).toMatchObject({
      message: { items: ['Plano: Por mês: https://x.com/a.png', 'Assinar: https://x.com/buy', 'Falar com alguém'] },
    });
  });

  it('tells of a deletion of what went to the customer, the phone’s own messages included, and of no other', () => {
    const deleted = (changes: object) =>
      readWebhookEvent(webhook({ event: 'message_updated', content_attributes: { deleted: true }, ...changes }));
    expect(deleted({})).toEqual({ kind: 'deleted', inboxId: 12, messageId: 102 });
    expect(deleted({ source_id: 'WAID:3EB0' })).toEqual({ kind: 'deleted', inboxId: 12, messageId: 102 });
    expect(deleted({ source_id: 'WAID:3EB0', message_type: 'incoming' })).toMatchObject({ kind: 'ignored' });
    expect(deleted({ private: true })).toMatchObject({ kind: 'ignored' });
  });

  it.each<[string, Record<string, unknown>]>([
    ['a private note', { private: true }],
    ['a customer’s message', { message_type: 'incoming' }],
    ['an activity', { message_type: 'activity' }],
    ['what we posted ourselves', { source_id: 'WAID:3EB0' }],
    ['a call', { content_type: 'voice_call' }],
    ['a conversation’s change', { event: 'conversation_updated' }],
    ['typing', { event: 'conversation_typing_on' }],
    ['an event of a later release', { event: 'message_pinned' }],
    ['a tick', { event: 'message_updated', conversation: { id: 3, messages: [{ id: 102, status: 'delivered' }] } }],
  ])('ignores %s', (_, changes) => {
    expect(readWebhookEvent(webhook(changes))).toMatchObject({ kind: 'ignored' });
  });

  it('puts files in the order in which the agent attached them, which the list does not tell and their ids do', () => {
    const file = (id: number) => ({ id, file_type: 'file', data_url: `https://cw.example/${id}.pdf` });
    const event = readWebhookEvent(webhook({ attachments: [file(12), file(9), { file_type: 'location' }, file(10)] }));
    const ids = event.kind === 'created' ? event.message.attachments.map(({ id }) => id) : [];
    expect(ids).toEqual([9, 10, 12, undefined]);
  });

  it('takes a template for a message that nobody signed', () => {
    const event = readWebhookEvent(webhook({ message_type: 'template', sender: null }));
    expect(event).toMatchObject({ kind: 'created', message: { agentName: undefined, content: 'Olá **Maria**' } });
  });

  it('does not take a bot for an agent', () => {
    const event = readWebhookEvent(webhook({ sender: { id: 1, name: 'Bot', type: 'agent_bot' } }));
    expect(event).toMatchObject({ kind: 'created', message: { agentName: undefined } });
  });

  it('tells a click on retry and a deletion from other updates', () => {
    expect(readWebhookEvent(webhook({ event: 'message_updated' }))).toMatchObject({ kind: 'touched', message: { id: 102 } });
    expect(readWebhookEvent(webhook({ event: 'message_updated', content_attributes: { deleted: true } }))).toEqual({
      kind: 'deleted',
      inboxId: 12,
      messageId: 102,
    });
  });

  it.each<[string, Record<string, unknown>]>([
    ['an agent’s message', {}],
    ['what we posted ourselves', { message_type: 'incoming', source_id: 'WAID:3EB0' }],
    ['what was sent from the phone', { source_id: 'WAID:3EB0' }],
  ])('tells that %s is shown as failed, and why', (_, changes) => {
    const failed = { event: 'message_updated', content_attributes: { external_error: 'x' } };
    const shown = { kind: 'shownFailed', inboxId: 12, messageId: 102, reason: 'x' };
    const conversation = (status: string) => ({ id: 3, messages: [{ id: 102, status }] });
    expect(readWebhookEvent(webhook({ ...failed, ...changes, conversation: conversation('failed') }))).toEqual(shown);
    expect(readWebhookEvent(webhook({ ...failed, ...changes, conversation: { id: 3, messages: [] } }))).toEqual(shown);
    expect(readWebhookEvent(webhook({ ...failed, ...changes, conversation: conversation('sent') })).kind).toBe('ignored');
    const deleted = { external_error: 'x', deleted: true };
    expect(readWebhookEvent(webhook({ ...failed, ...changes, content_attributes: deleted })).kind).not.toBe('shownFailed');
  });

  it('judges the status by the message itself, not by a later one of its conversation', () => {
    const conversation = { id: 3, messages: [{ id: 999, status: 'failed' }] };
    expect(readWebhookEvent(webhook({ event: 'message_updated', conversation }))).toMatchObject({ kind: 'touched' });
  });

  it.each<[Record<string, unknown>, unknown]>([
    [
      { in_reply_to: 90, in_reply_to_external_id: 'WAID:3EB0' },
      { messageId: 90, whatsappId: '3EB0' },
    ],
    [
      { in_reply_to: 90, in_reply_to_external_id: null },
      { messageId: 90, whatsappId: undefined },
    ],
    [{ in_reply_to: null, in_reply_to_external_id: null }, undefined],
    [{ in_reply_to: 'x', in_reply_to_external_id: 'other' }, undefined],
  ])('reads the quote of %j', (attributes, quoted) => {
    expect(readWebhookEvent(webhook({ content_attributes: attributes }))).toMatchObject({ kind: 'created', message: { quoted } });
  });

  it('reads choices, cards and articles as lines', () => {
    const items = [{ title: 'Sim', value: 'y' }, { title: 'Artigo', description: 'sobre', link: 'https://x.com' }, {}, 'junk'];
    const wellFormed = items.slice(0, 3);
    expect(readWebhookEvent(webhook({ content_attributes: { items: wellFormed } }))).toMatchObject({
      message: { items: ['Sim', 'Artigo: sobre: https://x.com'] },
    });
    expect(readWebhookEvent(webhook({ content_attributes: { items } }))).toMatchObject({
      kind: 'created',
      message: { items: [] },
    });
  });

  it('keeps out what PostgreSQL cannot store', () => {
    const event = readWebhookEvent(webhook({ content: 'a\u0000b\ud800c' }));
    expect(event).toMatchObject({ message: { content: 'ab\ufffdc' } });
  });

  it.each([null, 7, 'x', [], {}, { event: 1 }])('says that %j is unreadable', (body) => {
    expect(readWebhookEvent(body)).toMatchObject({ kind: 'unreadable' });
  });

  it('names the fields of a message that it cannot read, and no values', () => {
    const event = readWebhookEvent(webhook({ id: 'secret', private: undefined, conversation: { id: 'secret' } }));
    expect(event).toEqual({ kind: 'unreadable', faults: 'id, private, conversation.id' });
  });

  it('never throws, whatever the body', () => {
    fc.assert(
      fc.property(fc.record({ event: fc.constant('message_created') }), fc.jsonValue(), fc.jsonValue(), (head, a, b) => {
        readWebhookEvent(a);
        readWebhookEvent(webhook({ ...head, content_attributes: a, sender: b, attachments: b }));
        readWebhookEvent(webhook({ conversation: a }));
      }),
      { numRuns: 200 },
    );
  });
});

describe('checkSignature', () => {
  const secret = 'Zk3uYVbTq9wXc2LmN8pR5sDf';
  const rawBody = Buffer.from('{"event":"message_created","content":"\\u003cb\\u003e Olá"}');
  const now = 1_785_147_300_000;
  const sign = (timestamp: string, body = rawBody, key = secret) =>
    `sha256=${createHmac('sha256', key).update(`${timestamp}.${body}`).digest('hex')}`;
  const timestamp = String(now / 1_000);

  it('agrees with a signature worked out by hand with openssl', () => {
    // printf '1785147300.{}' | openssl dgst -sha256 -hmac Zk3uYVbTq9wXc2LmN8pR5sDf
    const signature = 'sha256=51d6a977308dd023f66c3a8cf7207ee232fd25dd0fb1392c32cb268bbe8d6835';
    expect(checkSignature({ timestamp, signature, rawBody: Buffer.from('{}') }, secret, now)).toBe('valid');
  });

  it.each<[string, { timestamp?: string; signature?: string; rawBody?: Buffer }, number, string]>([
    ['what Chatwoot sent', {}, now, 'valid'],
    ['no headers at all', { timestamp: undefined, signature: undefined }, now, 'missing'],
    ['a body that was changed by one byte', { rawBody: Buffer.from(`${rawBody} `) }, now, 'wrong'],
    ['another key', { signature: sign(timestamp, rawBody, 'other') }, now, 'wrong'],
    [
      'a signature over the body alone',
      { signature: `sha256=${createHmac('sha256', secret).update(rawBody).digest('hex')}` },
      now,
      'wrong',
    ],
    ['another timestamp than the signed one', { timestamp: String(now / 1_000 + 1) }, now, 'wrong'],
    ['no timestamp', { timestamp: undefined }, now, 'wrong'],
    ['no signature', { signature: undefined }, now, 'wrong'],
    ['half a signature', { signature: sign(timestamp).slice(0, 40) }, now, 'wrong'],
    ['a signature that is no hex', { signature: 'sha256=zz' }, now, 'wrong'],
    ['five minutes later', {}, now + 300_000, 'valid'],
    ['five minutes and a second later', {}, now + 301_000, 'stale'],
    ['five minutes and a second early', {}, now - 301_000, 'stale'],
    ['a signed timestamp that is no time', { timestamp: 'soon', signature: sign('soon') }, now, 'stale'],
  ])('%s', (_, changes, nowMs, expected) => {
    expect(checkSignature({ timestamp, signature: sign(timestamp), rawBody, ...changes }, secret, nowMs)).toBe(expected);
  });
});

describe('recipientOf', () => {
  const NOTHING = { lastWriter: undefined, phoneAsTold: undefined, sourceId: '', isSourceIdOurs: false };
  const of = (facts: Partial<RecipientFacts>) =>
    recipientOf({ ...NOTHING, contact: { identifier: '', phoneNumber: '' }, ...facts });
  const to = (address: string) => ({ kind: 'address', address });
  const PHONE = { identifier: '', phoneNumber: '+5511999999999' };

  it('is where the last message of the conversation came from, whatever its contact has', () => {
    expect(of({ lastWriter: '551188887777', contact: PHONE, sourceId: '123@lid' })).toEqual(to('551188887777'));
    expect(of({ lastWriter: '123@lid', contact: PHONE })).toEqual(to('123@lid'));
  });

  it('is the contact’s phone number while nobody has written, in the spelling that the engine has told', () => {
    for (const sourceId of [
      '',
      '5d1c6e0e-7a67-4f7e-9a3c-1de8ad4f1a11',
      '12345678901',
      '123@lid',
      '5511888888888@s.whatsapp.net',
    ]) {
      for (const identifier of ['', '12345678901', 'crm-4711', '5511888888888@s.whatsapp.net', 'maria@example.com']) {
        expect(of({ sourceId, contact: { ...PHONE, identifier }, isSourceIdOurs: true })).toEqual(to('5511999999999'));
      }
    }
    expect(of({ contact: PHONE, phoneAsTold: '551199999999' })).toEqual(to('551199999999'));
  });

  it.each([
    ['5511999999999@s.whatsapp.net', '5511999999999'],
    ['5511999999999:12@s.whatsapp.net', '5511999999999'],
    ['551188887777@c.us', '551188887777'],
    ['123456789012345@lid', '123456789012345@lid'],
    ['123456789012345:3@lid', '123456789012345@lid'],
    ['120363041234567890@g.us', '120363041234567890@g.us'],
    ['5511999999999-1600000000@g.us', '5511999999999-1600000000@g.us'],
    ['120363000000000000@newsletter', '120363000000000000@newsletter'],
  ])('is what an identifier names that says what it is, where there is no phone number: %s', (identifier, address) => {
    expect(of({ contact: { identifier, phoneNumber: '' } })).toEqual(to(address));
  });

  it('is a group for a contact that is one, whatever number somebody gave it', () => {
    expect(of({ sourceId: '12036304@g.us', contact: PHONE })).toEqual(to('12036304@g.us'));
    expect(of({ contact: { ...PHONE, identifier: '12036304@g.us' } })).toEqual(to('12036304@g.us'));
  });

  it('never is what digits may be that another system wrote, or an agent', () => {
    for (const digits of ['12345678901', '5511999999999', '+5511999999999', '11144477735']) {
      expect(of({ sourceId: digits })).toMatchObject({ kind: 'none' });
      expect(of({ contact: { identifier: digits, phoneNumber: '' } })).toMatchObject({ kind: 'none' });
    }
    expect(of({ sourceId: '5511999999999@s.whatsapp.net' })).toMatchObject({ kind: 'none' });
    expect(of({ sourceId: '100', isSourceIdOurs: true })).toMatchObject({ kind: 'none' });
    expect(of({ sourceId: '10000', isSourceIdOurs: true })).toEqual(to('10000'));
  });

  it.each(['', 'abc', 'status@broadcast', '12@example.com', 'x@s.whatsapp.net', '00000000-0000-4000-8000-000000000000'])(
    'is nobody for %j, and the reason says what to do',
    (sourceId) => {
      expect(of({ sourceId })).toMatchObject({ kind: 'none' });
      expect(of({ contact: { identifier: sourceId, phoneNumber: '' } })).toEqual({ kind: 'none', reason: 'noNumber' });
      expect(en.replyReasons.noNumber).toContain('give it a phone number in Chatwoot');
    },
  );
});

describe('the source of a reply', () => {
  const key = { integrationId: 'int_7Yk2abcDEF345678', chatwootMessageId: 102, part: 1 };

  it('names it, and is recognised as ours', () => {
    expect(replySource(key)).toBe('chatwoot:int_7Yk2abcDEF345678:102:1');
    expect(replyOf(replySource(key))).toEqual(key);
    expect(isOurSource(replySource(key))).toBe(true);
  });

  it.each(['chatwoot', 'chatwoot:int_7Yk2'])('%j is ours, and names none', (source) => {
    expect(isOurSource(source)).toBe(true);
    expect(replyOf(source)).toBeUndefined();
  });

  it.each(['', 'crm', 'chatwoots', 'x:chatwoot'])('%j is somebody else’s', (source) => {
    expect(isOurSource(source)).toBe(false);
  });
});
