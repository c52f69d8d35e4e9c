import { z } from 'zod';
import { wellFormed } from '../../../shared/text/well-formed.ts';
import { isOurSourceId, whatsappIdOf } from '../source-id.ts';

/** More than this of anything Chatwoot does not send. */
const MOST_ATTACHMENTS = 100;
const MOST_MESSAGES = 100;
const MOST_ITEMS = 100;
const MOST_FAULTS = 20;

/** A list that is looked at only where it is short: each wrong item of millions would be told of. */
const shortList = <Item extends z.ZodType>(item: Item, most: number) =>
  z.custom<unknown[]>((value) => Array.isArray(value) && value.length <= most).pipe(z.array(item));

/** What of Chatwoot's webhook is read. The payload holds a `pubsub_token` and much else: nothing but this is kept, or ever logged. */
const attachmentSchema = z.looseObject({
  id: z.number().nullish().catch(null),
  file_type: z.string().nullish(),
  extension: z.string().nullish(),
  /** Since Chatwoot 4.13.0. */
  content_type: z.string().nullish(),
  data_url: z.string().nullish(),
  fallback_title: z.string().nullish(),
  coordinates_lat: z.number().nullish().catch(null),
  coordinates_long: z.number().nullish().catch(null),
  is_voice_message: z.boolean().nullish().catch(null),
  meta: z.record(z.string(), z.unknown()).nullish().catch(null),
});
export type Attachment = z.infer<typeof attachmentSchema>;

const attributesSchema = z.record(z.string(), z.unknown());
const personSchema = z.looseObject({
  id: z.number().int().nullish().catch(null),
  name: z.string().nullish(),
  /** The name that an agent has chosen for customers; not everywhere. */
  available_name: z.string().nullish().catch(null),
  type: z.string().nullish(),
  identifier: z.string().nullish(),
  phone_number: z.string().nullish(),
});

const messageSchema = z.looseObject({
  id: z.number().int().positive(),
  created_at: z.union([z.string(), z.number()]).nullish(),
  message_type: z.string(),
  private: z.boolean(),
  content: z.string().nullish(),
  content_type: z.string().nullish(),
  content_attributes: attributesSchema.nullish().catch(null),
  source_id: z.string().nullish(),
  inbox: z.looseObject({ id: z.number() }),
  sender: personSchema.nullish().catch(null),
  attachments: shortList(attachmentSchema, MOST_ATTACHMENTS).nullish(),
  conversation: z.looseObject({
    id: z.number().int().positive(),
    contact_inbox: z.looseObject({ source_id: z.string().nullish() }).nullish(),
    meta: z
      .looseObject({ sender: personSchema.nullish().catch(null), assignee: personSchema.nullish().catch(null) })
      .nullish()
      .catch(null),
    messages: shortList(
      z.looseObject({ id: z.number(), status: z.string().nullish(), sender: personSchema.nullish().catch(null) }),
      MOST_MESSAGES,
    )
      .nullish()
      .catch(null),
  }),
});

/** A message that is to reach WhatsApp. */
export interface AgentMessage {
  readonly id: number;
  /** Display id. */
  readonly conversationId: number;
  readonly createdAt: Date | undefined;
  readonly content: string;
  readonly contentType: string;
  /** Choices and cards of an interactive message, each a line. */
  readonly items: readonly string[];
  /** Set for what a person wrote, and not for what a bot or Chatwoot itself did. */
  readonly agentName: string | undefined;
  readonly attachments: readonly Attachment[];
  /** The quoted message: its id in Chatwoot, and the one in WhatsApp where Chatwoot knows that. */
  readonly quoted: { readonly messageId: number | undefined; readonly whatsappId: string | undefined } | undefined;
  readonly contact: {
    readonly id: number | undefined;
    readonly sourceId: string;
    readonly identifier: string;
    readonly phoneNumber: string;
  };
}

export type WebhookEvent =
  | { readonly kind: 'created'; readonly inboxId: number; readonly message: AgentMessage }
  /** A message that was there already looks as one does after a click on "retry"; it may be something else. */
  | { readonly kind: 'touched'; readonly inboxId: number; readonly message: AgentMessage }
  /** Chatwoot shows it as failed, be it an agent's message or one from WhatsApp; and why it does. */
  | { readonly kind: 'shownFailed'; readonly inboxId: number; readonly messageId: number; readonly reason: string }
  /** An agent deleted a message of ours to the customer: his own, or one that was typed on the phone. */
  | { readonly kind: 'deleted'; readonly inboxId: number; readonly messageId: number }
  /** A contact has a new conversation: an agent's, or one that we began ourselves. */
  | { readonly kind: 'begun'; readonly inboxId: number; readonly contactId: number }
  | { readonly kind: 'ignored'; readonly reason: string }
  /** A message event that is not what it should be; `faults` are names of fields. */
  | { readonly kind: 'unreadable'; readonly faults: string };

const headSchema = z.looseObject({ event: z.string() });
const ignored = (reason: string): WebhookEvent => ({ kind: 'ignored', reason });

/** That somebody types: nothing comes of it, but a verification may have made it happen. */
export const isTyping = ({ reason }: Extract<WebhookEvent, { kind: 'ignored' }>): boolean =>
  reason.startsWith('conversation_typing');

/**
 * Reads the body of a webhook: what an agent (or Chatwoot itself, as a greeting) sent to the customer, and nothing of the many other
 * things Chatwoot tells: private notes, customers' own messages, what we posted ourselves, changes of conversations, typing.
 */
export function readWebhookEvent(body: unknown): WebhookEvent {
  const event = headSchema.safeParse(body).data?.event;
  if (event === undefined) return { kind: 'unreadable', faults: 'event' };
  if (event === 'conversation_created') return readBegun(body);
  if (event !== 'message_created' && event !== 'message_updated') return ignored(event.slice(0, 50));
  const parsed = messageSchema.safeParse(body);
  if (!parsed.success) {
    return { kind: 'unreadable', faults: faultsOf(parsed.error) };
  }
  const message = parsed.data;
  // The source id is there from the beginning, so no race with what we remember of our own posts can be lost.
  const isOurs = isOurSourceId(message.source_id);
  if (!isOurs && message.message_type !== 'outgoing' && message.message_type !== 'template')
    return ignored(message.message_type.slice(0, 50));
  if (message.private) return ignored('private note');
  if (message.content_type === 'voice_call') return ignored('call');
  const inboxId = message.inbox.id;
  const attributes = message.content_attributes ?? {};
  const latest = message.conversation.messages?.find(({ id }) => id === message.id);
  if (event === 'message_updated' && attributes.deleted !== true) {
    const reason = typeof attributes.external_error === 'string' ? attributes.external_error : '';
    const isFailed = latest?.status ? latest.status === 'failed' : reason !== '';
    if (isFailed) return { kind: 'shownFailed', inboxId, messageId: message.id, reason };
  }
  if (attributes.deleted === true && message.message_type !== 'incoming')
    return { kind: 'deleted', inboxId, messageId: message.id };
  if (isOurs) return ignored('our own');
  if (event === 'message_created') return { kind: 'created', inboxId, message: toAgentMessage(message, attributes) };
  // A click on "retry" empties the attributes and sets the status back to `sent`.
  if (Object.values(attributes).some((value) => value !== null && value !== undefined)) return ignored('changed');
  if (latest?.status && latest.status !== 'sent') return ignored(`status ${latest.status.slice(0, 50)}`);
  return { kind: 'touched', inboxId, message: toAgentMessage(message, attributes) };
}

const conversationSchema = z.looseObject({
  inbox_id: z.number(),
  meta: z.looseObject({ sender: z.looseObject({ id: z.number().int() }) }),
});

function readBegun(body: unknown): WebhookEvent {
  const conversation = conversationSchema.safeParse(body).data;
  if (conversation === undefined) return ignored('a conversation without a contact');
  return { kind: 'begun', inboxId: conversation.inbox_id, contactId: conversation.meta.sender.id };
}

const faultsOf = ({ issues }: z.ZodError): string =>
  issues
    .slice(0, MOST_FAULTS)
    .map((issue) => issue.path.join('.'))
    .join(', ');

function toAgentMessage(message: z.infer<typeof messageSchema>, attributes: z.infer<typeof attributesSchema>): AgentMessage {
  const { conversation, sender } = message;
  const customer = conversation.meta?.sender;
  return {
    id: message.id,
    conversationId: conversation.id,
    createdAt: dateOf(message.created_at),
    content: clean(message.content),
    contentType: message.content_type ?? 'text',
    items: itemsOf(attributes.items),
    agentName: message.message_type === 'outgoing' && sender?.type === 'user' ? nameOf(sender, message) : undefined,
    attachments: inOrder(message.attachments ?? []),
    quoted: quotedOf(attributes),
    contact: {
      id: customer?.id ?? undefined,
      sourceId: clean(conversation.contact_inbox?.source_id),
      identifier: clean(customer?.identifier),
      phoneNumber: clean(customer?.phone_number),
    },
  };
}

/**
 * The name an agent shows to customers, else his own. It is not with the sender itself (4.16), but where Chatwoot tells of the same agent as
 * the author of the latest message, or as the one that the conversation is assigned to.
 */
function nameOf(sender: z.infer<typeof personSchema>, { id, conversation }: z.infer<typeof messageSchema>): string | undefined {
  const authors = conversation.messages?.filter((message) => message.id === id).map((message) => message.sender) ?? [];
  const others = conversation.messages?.map((message) => message.sender) ?? [];
  const same = [...others, conversation.meta?.assignee].filter(
    (person) => typeof sender.id === 'number' && person?.id === sender.id,
  );
  const isAgent = (person: z.infer<typeof personSchema> | null | undefined) =>
    person?.type === undefined || person?.type === 'user';
  const told = [sender, ...authors, ...same.filter(isAgent)].map((person) => clean(person?.available_name).trim());
  return told.find((name) => name !== '') ?? (clean(sender.name).trim() || undefined);
}

/** As the agent attached them: Chatwoot numbers files in that order, and lists them in none. */
const inOrder = (attachments: readonly Attachment[]): Attachment[] =>
  attachments.toSorted((one, other) => (one.id ?? Number.MAX_SAFE_INTEGER) - (other.id ?? Number.MAX_SAFE_INTEGER));

function quotedOf({
  in_reply_to: id,
  in_reply_to_external_id: sourceId,
}: z.infer<typeof attributesSchema>): AgentMessage['quoted'] {
  const messageId = typeof id === 'number' && Number.isSafeInteger(id) ? id : undefined;
  const whatsappId = typeof sourceId === 'string' ? whatsappIdOf(sourceId) : undefined;
  return messageId === undefined && whatsappId === undefined ? undefined : { messageId, whatsappId };
}

const itemSchema = z.looseObject({
  title: z.string().nullish().catch(null),
  description: z.string().nullish().catch(null),
  link: z.string().nullish().catch(null),
  media_url: z.string().nullish().catch(null),
  actions: shortList(z.looseObject({ text: z.string().nullish().catch(null), uri: z.string().nullish().catch(null) }), MOST_ITEMS)
    .nullish()
    .catch(null),
});

/** Bots send choices (`input_select`), cards with their buttons, and articles as a list that WhatsApp is shown as text. */
function itemsOf(items: unknown): string[] {
  const list = shortList(itemSchema, MOST_ITEMS).safeParse(items).data ?? [];
  return list
    .flatMap(({ title, description, link, media_url, actions }) => [
      [title, description, link, media_url],
      ...(actions ?? []).map(({ text, uri }) => [text, uri]),
    ])
    .map((parts) => parts.map(clean).filter((part) => part.trim() !== ''))
    .filter((parts) => parts.length > 0)
    .map((parts) => parts.join(': '));
}

const clean = (text: string | null | undefined): string => wellFormed(text ?? '');

function dateOf(value: string | number | null | undefined): Date | undefined {
  if (value === null || value === undefined) return undefined;
  const date = new Date(typeof value === 'number' ? value * 1_000 : value);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
