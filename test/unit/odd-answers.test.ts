import { describe, expect, it } from 'vitest';
import {
  contactSchema,
  conversationSchema,
  inboxSchema,
  messageSchema,
  writtenMessageSchema,
} from '../../bridge/chatwoot/answers.ts';
import type { ChatwootClient } from '../../bridge/chatwoot/client.ts';
import { createStatusDelivery } from '../../bridge/relay/to-chatwoot/deliver-status.ts';
import type { MappedMessage, MessageMap } from '../../bridge/relay/to-chatwoot/message-map.ts';
import { textsOf } from '../../bridge/texts/texts.ts';

describe('an odd answer in the name of Chatwoot', () => {
  it('with a number that is none of a Chatwoot is no answer of one', () => {
    const conversation = { inbox_id: 1, status: 'open' };
    for (const id of [99_999_999_999, 2_147_483_648, 0, -1, 1.5, '7', null]) {
      for (const schema of [inboxSchema, contactSchema, messageSchema, writtenMessageSchema])
        expect(schema.safeParse({ id }).success).toBe(false);
      expect(conversationSchema.safeParse({ id, ...conversation }).success).toBe(false);
    }
    expect(inboxSchema.safeParse({ id: 2_147_483_647 }).success).toBe(true);
  });

  it('with a name of 900,000 characters, with NUL or with half a character has one that can be stored', () => {
    for (const schema of [inboxSchema, contactSchema]) {
      expect(schema.parse({ id: 1, name: 'x'.repeat(900_000) }).name?.length).toBeLessThanOrEqual(255);
      expect(schema.parse({ id: 1, name: 'a\u0000b\ud800' }).name).toBe('ab\ufffd');
    }
  });
});

describe('a receipt for 300,000 messages', () => {
  it('is looked up twice at most, and tells Chatwoot of those that it has', async () => {
    const questions: number[] = [];
    const told: number[] = [];
    const known: MappedMessage = {
      ...{ whatsappId: 'ID3', direction: 'to_whatsapp', chat: '5511', conversationId: 1 },
      ...{ chatwootMessageId: 30, status: 'sent' },
    } as const;
    const map = {
      findAll: async (ids: readonly string[]) => {
        questions.push(ids.length);
        return ids.includes('ID3') ? [known] : [];
      },
      setStatus: async () => {},
    } satisfies Partial<MessageMap>;
    const messages = {
      setStatus: async (_conversation: number, message: number) => {
        told.push(message);
        return { ok: true, value: {} };
      },
    };
    const deliver = createStatusDelivery({
      integrationId: 'int_1',
      client: { messages } as unknown as ChatwootClient,
      map: map as unknown as MessageMap,
      echoes: { onEcho: async () => {}, isSendingTo: async () => false, unprovenReply: async () => undefined },
      texts: () => textsOf({ language: 'en', accountLocale: null }),
    });
    const messageIds = Array.from({ length: 300_000 }, (_, index) => `ID${index}`);
    const chat = { type: 'private', address: '5511' } as const;
    expect(await deliver({ kind: 'status', messageIds, status: 'read', chat, told: 'read', member: undefined })).toBe('done');
    expect([told, questions.length <= 2, Math.max(...questions) <= 1_000]).toEqual([[30], true, true]);
  });
});
