import { describe, expect, it } from 'vitest';
import { untoldEvent } from '../../bridge/catch-up/untold-event.ts';
import type { Message } from '../../bridge/chatwoot/answers.ts';

const place = {
  inboxId: 7,
  conversationId: 3,
  contact: { id: 77, phone_number: '+5511999990001' },
  chatwootBaseUrl: 'https://cw',
};
const listed = (values: Record<string, unknown> = {}): Message => ({
  id: 102,
  message_type: 1,
  content: 'Olá',
  content_type: 'text',
  content_attributes: {},
  private: false,
  status: 'sent',
  source_id: null,
  created_at: 1_785_147_300,
  sender: { id: 1, name: 'Ana', available_name: 'Aninha', type: 'user' },
  ...values,
});

describe('a message that was found in a conversation', () => {
  it('says what its webhook would have said: to whom, who wrote it, when, and what it quotes', () => {
    const attachments = [{ id: 9, file_type: 'image', data_url: 'https://cw/a.jpg' }];
    expect(untoldEvent(listed({ attachments, content_attributes: { in_reply_to: 100 } }), place)).toMatchObject({
      kind: 'created',
      inboxId: 7,
      message: {
        id: 102,
        conversationId: 3,
        content: 'Olá',
        agentName: 'Aninha',
        createdAt: new Date(1_785_147_300_000),
        attachments: [{ id: 9 }],
        quoted: { messageId: 100 },
        contact: { id: 77, phoneNumber: '+5511999990001' },
      },
    });
  });

  it.each([
    ['of the customer', { message_type: 0 }, 'ignored'],
    ['that Chatwoot noted itself', { message_type: 2 }, 'ignored'],
    ['that is a private note', { private: true }, 'ignored'],
    ['that is our own', { source_id: 'WAID:3EB0' }, 'ignored'],
    ['that Chatwoot wrote for its owner', { message_type: 3, sender: null }, 'created'],
    ['that was deleted', { content_attributes: { deleted: true } }, 'deleted'],
    ['that was deleted after it had failed', { status: 'failed', content_attributes: { deleted: true } }, 'deleted'],
    ['that is shown as failed', { status: 'failed', content_attributes: { external_error: 'Net::ReadTimeout' } }, 'shownFailed'],
    ['of a type that nobody knows', { message_type: 9 }, 'ignored'],
  ])('%s is what it is', (_name, values, kind) => {
    expect(untoldEvent(listed(values), place).kind).toBe(kind);
  });

  it('is without the hard breaks of the editor, and a survey has its address', () => {
    const textOf = (values: Record<string, unknown>, uuid?: string) => {
      const event = untoldEvent(listed(values), uuid === undefined ? place : { ...place, listed: { id: 3, uuid } });
      return event.kind === 'created' ? event.message.content : undefined;
    };
    expect(textOf({ content: 'um\\\ndois\n\n' })).toBe('um\ndois');
    const survey = { content: 'Como foi?', content_type: 'input_csat', message_type: 3 };
    expect(textOf(survey, 'c0ffee')).toBe('Como foi? https://cw/survey/responses/c0ffee');
    const whole = { ...survey, content: 'Como foi? https://other/survey/responses/c0ffee' };
    expect(textOf(whole, 'c0ffee')).toBe(whole.content);
  });
});
