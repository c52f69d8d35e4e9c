import type { ListedConversation, Message } from '../chatwoot/answers.ts';
import { readWebhookEvent, type WebhookEvent } from '../relay/to-whatsapp/webhook-event.ts';

/** Where a message was found. */
export interface Place {
  readonly inboxId: number;
  /** Display id. */
  readonly conversationId: number;
  /** Of the conversation, as Chatwoot lists messages with it. */
  readonly contact: unknown;
  /** Where the conversation was listed with its inbox. */
  readonly listed?: ListedConversation | undefined;
  readonly chatwootBaseUrl: string;
}

const TYPES = ['incoming', 'outgoing', 'activity', 'template'];
const SURVEY = '/survey/responses/';

/**
 * What the webhook of a message would say, if it came now. Lists have numbers for types and seconds for times, their text still has the hard
 * breaks of the editor, and to that of a survey its address is only added for webhooks.
 */
export function untoldEvent(message: Message, place: Place): WebhookEvent {
  const { inboxId, conversationId, contact, listed } = place;
  const sourceId = listed?.last_non_activity_message?.conversation?.contact_inbox?.source_id;
  const isFailed = message.status === 'failed' && message.content_attributes?.deleted !== true;
  return readWebhookEvent({
    ...message,
    event: isFailed ? 'message_updated' : 'message_created',
    content: contentOf(message, place),
    message_type: typeof message.message_type === 'number' ? (TYPES[message.message_type] ?? '') : '',
    inbox: { id: inboxId },
    conversation: {
      id: conversationId,
      contact_inbox: { source_id: sourceId },
      meta: { sender: contact },
      messages: [{ id: message.id, status: message.status, sender: message.sender }],
    },
  });
}

function contentOf({ content, content_type: type }: Message, { chatwootBaseUrl, listed }: Place): string {
  const text = typeof content === 'string' ? content.replace(/\\\r?\n/g, '\n').replace(/(\r?\n)+$/, '') : '';
  if (type !== 'input_csat' || text.includes(SURVEY) || !listed?.uuid) return text;
  return `${text} ${chatwootBaseUrl}${SURVEY}${listed.uuid}`.trim();
}
