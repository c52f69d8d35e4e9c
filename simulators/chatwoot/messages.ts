import type { Request, Router } from 'express';
import { type Caller, forAccount } from './auth.ts';
import { contactPushData } from './contact-view.ts';
import { messagesOf } from './conversation-facts.ts';
import { findConversation, locateConversation } from './conversations.ts';
import type { Features } from './features.ts';
import { storedFileName } from './file-name.ts';
import { readMessage } from './message-params.ts';
import {
  deleteMessage,
  hasNul,
  insertMessage,
  reportStatus,
  retryMessage,
  type Upload,
  validateMessage,
} from './message-record.ts';
import { messageView } from './message-view.ts';
import { asParams, found, text, toId } from './params.ts';
import { Refusal, unprocessable } from './replies.ts';
import type { ConversationRow, JsonObject, MessageRow } from './rows.ts';
import { isoTimeOrNull } from './times.ts';
import { userPushData } from './users.ts';
import type { World } from './world.ts';

const BASE = '/api/v1/accounts/:account_id/conversations/:conversation_id/messages';

const uploadsOf = (files: Request['files'], isStorageFull: boolean): Upload[] =>
  (Array.isArray(files) ? files : [])
    .filter((file) => /^attachments(\[\d*\])?$/.test(file.fieldname))
    // Multer reads file names as latin1, although browsers and HTTP clients send UTF-8.
    .map((file) => ({
      filename: storedFileName(Buffer.from(file.originalname, 'latin1').toString('utf8')),
      contentType: file.mimetype,
      bytes: isStorageFull ? null : file.buffer,
    }));

/** What Ruby says of a contact that is gone. Which of its attributes is missed first differs from run to run. */
const withoutContact = ({ ruby34 }: Features): string =>
  ruby34 ? "undefined method 'email' for nil" : "undefined method `source_id' for nil";

/** Every error inside this action is a 422 with the exception's text, whatever it would be elsewhere. */
function rescued<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw error instanceof Refusal && error.status === 401
      ? error
      : unprocessable(error instanceof Error ? error.message : 'error');
  }
}

function refuseSignedIds(body: unknown): void {
  const given = asParams(body).attachments;
  // A plain string would be the signed id of an earlier upload; the simulator issues none, so every one is bogus.
  const isBlank = given === undefined || given === null || given === '' || (Array.isArray(given) && given.length === 0);
  if (!isBlank) throw unprocessable('mismatched digest');
}

function createMessage(
  world: World,
  caller: Caller,
  conversation: ConversationRow,
  body: unknown,
  uploads: Upload[],
): MessageRow {
  const params = asParams(body);
  return rescued(() => {
    refuseSignedIds(body);
    const inbox = found(world.tables.inboxes.get(conversation.inboxId));
    const contact = world.tables.contacts.get(conversation.contactId);
    const message = readMessage(world, params, { inbox, contact: contact ?? null, conversation }, caller, uploads);
    validateMessage(world, message, conversation);
    if (hasNul(message)) throw unprocessable('string contains null byte');
    const stored = insertMessage(world, conversation, message);
    // Its contact is deleted, and the job that takes its conversations has not come by yet.
    if (!contact) throw unprocessable(withoutContact(world.features));
    return stored;
  });
}

/**
 * The page of messages that `before` and `after` select, 0 as well as any other: 20 latest, 20 before one, up to 100 after one, up to 1000
 * between two; oldest first. Undefined is one that is not asked for.
 */
function selectMessages(messages: readonly MessageRow[], before: number | undefined, after: number | undefined): MessageRow[] {
  const isBefore = ({ id }: MessageRow): boolean => before === undefined || id < before;
  if (after === undefined) return messages.filter(isBefore).slice(-20);
  if (before === undefined) return messages.filter(({ id }) => id > after).slice(0, 100);
  return messages.filter((message) => message.id >= after && isBefore(message)).slice(0, 1000);
}

/** What stands there is a bound, whatever it is. */
const toBound = (value: unknown): number | undefined => (value === undefined || value === '' ? undefined : toId(value));

/** Message routes of a conversation. */
export function messageRoutes(world: World, router: Router): void {
  router.post(
    BASE,
    forAccount(world, (caller, req, res) => {
      const conversation = locateConversation(world, caller, req.params.conversation_id);
      const uploads = uploadsOf(req.files, res.locals.storageFull === true);
      const message = createMessage(world, caller, conversation, req.body, uploads);
      res.json(messageView(world, message, text(asParams(req.body), 'echo_id')));
    }),
  );
  router.get(
    BASE,
    forAccount(world, (caller, req, res) => {
      const conversation = findConversation(world, caller, req.params.conversation_id);
      const page = selectMessages(messagesOf(world, conversation), toBound(req.query.before), toBound(req.query.after));
      res.json({ meta: listMeta(world, conversation), payload: page.map((message) => messageView(world, message)) });
    }),
  );
  changeRoutes(world, router);
  if (world.features.messageStatusUpdate) statusRoutes(world, router);
}

function listMeta(world: World, conversation: ConversationRow): JsonObject {
  const contact = world.tables.contacts.get(conversation.contactId);
  const assignee = conversation.assigneeId === null ? undefined : world.tables.users.get(conversation.assigneeId);
  return {
    labels: conversation.labels,
    additional_attributes: conversation.additionalAttributes,
    contact: contact && contactPushData(world, contact),
    ...(assignee ? { assignee: userPushData(assignee) } : {}),
    agent_last_seen_at: isoTimeOrNull(conversation.agentLastSeenAt),
    assignee_last_seen_at: isoTimeOrNull(conversation.assigneeLastSeenAt),
  };
}

function findMessage(world: World, conversation: ConversationRow, id: unknown): MessageRow | undefined {
  const message = world.tables.messages.get(toId(id));
  return message?.conversationId === conversation.id ? message : undefined;
}

function changeRoutes(world: World, router: Router): void {
  router.delete(
    `${BASE}/:id`,
    forAccount(world, (caller, req, res) => {
      const conversation = findConversation(world, caller, req.params.conversation_id);
      const message = found(findMessage(world, conversation, req.params.id));
      deleteMessage(world, message);
      res.json(messageView(world, message));
    }),
  );
  router.post(
    `${BASE}/:id/retry`,
    forAccount(world, (caller, req, res) => {
      const conversation = findConversation(world, caller, req.params.conversation_id);
      const message = findMessage(world, conversation, req.params.id);
      if (!message) {
        throw unprocessable(`Couldn't find Message with 'id'="${req.params.id}" [WHERE "messages"."conversation_id" = $1]`);
      }
      retryMessage(world, message);
      res.json(messageView(world, message));
    }),
  );
}

function statusRoutes(world: World, router: Router): void {
  const update = forAccount(world, (caller, req, res) => {
    const conversation = findConversation(world, caller, req.params.conversation_id);
    if (world.tables.inboxes.get(conversation.inboxId)?.channelType !== 'Channel::Api') {
      throw new Refusal(403, { error: 'Message status update is only allowed for API inboxes' });
    }
    const message = found(findMessage(world, conversation, req.params.id));
    const params = asParams(req.body);
    reportStatus(world, message, text(params, 'status'), text(params, 'external_error') ?? null);
    res.json(messageView(world, message));
  });
  router.patch(`${BASE}/:id`, update);
  router.put(`${BASE}/:id`, update);
}
