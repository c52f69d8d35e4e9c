import type { Router } from 'express';
import { type Caller, forAccount, requireAdministrator, requireInbox } from './auth.ts';
import { contactInboxAt, ensureContactInbox } from './contact-record.ts';
import { findContact } from './contacts.ts';
import { changeStatus, destroyConversation, insertConversation } from './conversation-record.ts';
import { conversationView } from './conversation-view.ts';
import { findInbox } from './inboxes.ts';
import { readMessage } from './message-params.ts';
import { hasNul, insertMessage, validateMessage } from './message-record.ts';
import { asParams, found, isObject, lengthOf, type Params, text, toId } from './params.ts';
import { crash, empty, notPermitted, unprocessable, ValidationFailure } from './replies.ts';
import {
  type ContactInboxRow,
  type ConversationRow,
  type ConversationStatus,
  conversationStatuses,
  type JsonObject,
} from './rows.ts';
import { displayKey } from './tables.ts';
import { isoTimeOrNull } from './times.ts';
import { type Actor, updateConversation, type World } from './world.ts';

const BASE = '/api/v1/accounts/:account_id/conversations';

/** The conversation by its number within the account: 404 if there is none, 401 if the caller may not see it. It may have lost its contact. */
export function locateConversation(world: World, caller: Caller, id: unknown): ConversationRow {
  const conversation = found(world.tables.conversations.group('display', displayKey(caller.account.id, toId(id)))[0]);
  const inbox = found(world.tables.inboxes.get(conversation.inboxId));
  const assigned = caller.kind === 'user' && conversation.assigneeId === caller.user.id;
  if (!assigned) requireInbox(caller, inbox);
  return conversation;
}

/** The same; one whose contact was deleted, and which goes later, cannot be shown: 500. */
export function findConversation(world: World, caller: Caller, id: unknown): ConversationRow {
  const conversation = locateConversation(world, caller, id);
  if (!world.tables.contacts.get(conversation.contactId)) throw crash();
  return conversation;
}

const actorOf = (caller: Caller): Actor =>
  caller.kind === 'user' ? { type: 'User', id: caller.user.id } : { type: 'AgentBot', id: caller.bot.id };

function readStatus(params: Params): ConversationStatus | undefined {
  const given = text(params, 'status');
  if (!given) return undefined;
  const status = conversationStatuses.find((candidate) => candidate === given);
  if (!status) throw crash();
  return status;
}

/** One of the two attribute maps: something else than a map crashes, and values over 1500 characters are refused. */
export function readAttributes(params: Params, key: string, label: string): JsonObject | undefined {
  const raw = params[key];
  if (raw === undefined || raw === null) return undefined;
  if (!isObject(raw)) throw crash();
  const tooLong = Object.entries(raw).find(([, value]) => typeof value === 'string' && lengthOf(value) > 1500);
  if (tooLong) throw new ValidationFailure([{ attribute: key, message: `${label} ${tooLong[0]} length should be < 1500` }]);
  return raw;
}

const unixTime = (value: unknown): number | null => (Number(value) > 0 ? Number(value) * 1000 : null);

/** Inbox, contact and address of a new conversation, by all three, by inbox and contact, or by the source id alone. */
function resolveAddress(world: World, caller: Caller, params: Params): ContactInboxRow {
  const sourceId = text(params, 'source_id');
  if (sourceId?.includes('\0')) throw crash();
  if (params.inbox_id && params.contact_id) {
    const contact = findContact(world, caller.account, params.contact_id);
    const inbox = findInbox(world, caller.account, params.inbox_id);
    requireInbox(caller, inbox);
    return ensureContactInbox(world, contact, inbox, sourceId, () => unprocessable('source_id should be unique'));
  }
  const address = found(
    params.inbox_id
      ? contactInboxAt(world, findInbox(world, caller.account, params.inbox_id).id, sourceId ?? '')
      : world.tables.contactInboxes.group('anywhere', sourceId ?? '')[0],
  );
  // The deprecated look-up by source id alone finds the first of all accounts, and then refuses a foreign one.
  const inbox = found(world.tables.inboxes.get(address.inboxId));
  if (inbox.accountId !== caller.account.id) throw notPermitted();
  requireInbox(caller, inbox);
  return address;
}

/** `POST conversations`: with the first message, both or neither. */
function createConversation(world: World, caller: Caller, params: Params): ConversationRow {
  const address = resolveAddress(world, caller, params);
  const inbox = found(world.tables.inboxes.get(address.inboxId));
  const contact = found(world.tables.contacts.get(address.contactId));
  const earlier = world.tables.conversations.group('contactInbox', address.id).at(-1);
  const reused = inbox.lockToSingleConversation ? earlier : undefined;
  const values = reused
    ? null
    : {
        inbox,
        contact,
        contactInbox: address,
        status: readStatus(params),
        assigneeId: params.assignee_id ? toId(params.assignee_id) : null,
        snoozedUntil: unixTime(params.snoozed_until),
        additionalAttributes: readAttributes(params, 'additional_attributes', 'Additional attributes'),
        customAttributes: readAttributes(params, 'custom_attributes', 'Custom attributes'),
      };
  const first = isObject(params.message)
    ? readMessage(world, params.message, { inbox, contact, conversation: reused ?? null }, caller, [])
    : null;
  if (first) validateMessage(world, first, reused ?? null);
  if (first && hasNul(first)) throw crash();
  const conversation = reused ?? (values && insertConversation(world, values));
  if (!conversation) throw crash();
  if (first) insertMessage(world, conversation, first);
  return conversation;
}

function toggleStatus(world: World, caller: Caller, conversation: ConversationRow, params: Params): void {
  const next = readStatus(params) ?? (conversation.status === 'open' ? 'resolved' : 'open');
  changeStatus(world, conversation, next, actorOf(caller), next === 'snoozed' ? unixTime(params.snoozed_until) : null);
  // An agent who opens a conversation takes it; an administrator does not.
  if (next === 'open' && caller.kind === 'user' && caller.role === 'agent') {
    updateConversation(world, conversation, { assigneeId: caller.user.id });
  }
}

/** Conversation routes. */
export function conversationRoutes(world: World, router: Router): void {
  const find = (caller: Caller, id: unknown) => findConversation(world, caller, id);
  router.post(
    BASE,
    forAccount(world, (caller, req, res) => {
      const params = asParams(req.body);
      // Whom to assign an open one to is asked of Redis before it is stored; of a pending one only its jobs are lost.
      const isRolledBack = res.locals.losesJobs === true && (text(params, 'status') ?? 'open') === 'open';
      if (isRolledBack) throw crash();
      res.json(conversationView(world, createConversation(world, caller, params)));
    }),
  );
  router.get(
    `${BASE}/:id`,
    forAccount(world, (caller, req, res) => {
      res.json(conversationView(world, find(caller, req.params.id)));
    }),
  );
  router.post(
    `${BASE}/:id/toggle_status`,
    forAccount(world, (caller, req, res) => {
      const conversation = locateConversation(world, caller, req.params.id);
      if (!world.tables.contacts.get(conversation.contactId)) {
        throw new ValidationFailure([{ attribute: 'contact', message: 'Contact must exist' }]);
      }
      toggleStatus(world, caller, conversation, asParams(req.body));
      // No `meta` key, although Chatwoot's own OpenAPI document shows one.
      res.json({
        payload: {
          success: true,
          conversation_id: conversation.displayId,
          current_status: conversation.status,
          snoozed_until: isoTimeOrNull(conversation.snoozedUntil),
        },
      });
    }),
  );
  router.delete(
    `${BASE}/:id`,
    forAccount(world, (caller, req, res) => {
      const conversation = locateConversation(world, caller, req.params.id);
      requireAdministrator(caller);
      world.after(world.settings.deletionDelayMs, () => destroyConversation(world, conversation));
      empty(res, 200);
    }),
  );
  router.post(
    `${BASE}/:id/toggle_typing_status`,
    forAccount(world, (caller, req, res) => {
      const conversation = find(caller, req.params.id);
      const params = asParams(req.body);
      const status = text(params, 'typing_status');
      if (status === 'on' || status === 'off') {
        world.publish({
          name: `conversation_typing_${status}`,
          conversationId: conversation.id,
          inboxId: conversation.inboxId,
          actor: actorOf(caller),
          isPrivate: params.is_private === true || params.is_private === 'true',
        });
      }
      empty(res, 200);
    }),
  );
}
