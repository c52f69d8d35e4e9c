import type { Router } from 'express';
import { contactInboxAt } from './contact-record.ts';
import { messagesOf } from './conversation-facts.ts';
import { reportStatus } from './message-record.ts';
import { asParams, text, toId } from './params.ts';
import { empty, Refusal } from './replies.ts';
import type { ConversationRow } from './rows.ts';
import type { World } from './world.ts';

const BASE = '/public/api/v1/inboxes/:identifier/contacts/:source_id/conversations/:id';

/**
 * The two calls of the public client API that a bridge has a use for, because only they act as the contact: typing, and having read everything up
 * to now. The identifier of the channel in the path takes the place of a token.
 */
export function publicRoutes(world: World, router: Router): void {
  const find = (params: { identifier: string; source_id: string; id: string }): ConversationRow => {
    const inbox = world.tables.inboxes.all().find((candidate) => candidate.identifier === params.identifier);
    const address = inbox && contactInboxAt(world, inbox.id, params.source_id);
    const own = address ? world.tables.conversations.group('contactInbox', address.id) : [];
    const conversation = own.find(({ displayId }) => displayId === toId(params.id));
    // Here Rails answers it, and not Chatwoot.
    if (!conversation) throw new Refusal(404, { status: 404, error: 'Not Found' });
    return conversation;
  };
  router.post(`${BASE}/toggle_typing`, (req, res) => {
    const conversation = find(req.params);
    const status = text(asParams(req.body), 'typing_status');
    if (status === 'on' || status === 'off') {
      world.publish({
        name: `conversation_typing_${status}`,
        conversationId: conversation.id,
        inboxId: conversation.inboxId,
        actor: { type: 'Contact', id: conversation.contactId },
        isPrivate: false,
      });
    }
    empty(res, 200);
  });
  router.post(`${BASE}/update_last_seen`, (req, res) => {
    const conversation = find(req.params);
    const seenAt = Date.now();
    conversation.contactLastSeenAt = seenAt;
    empty(res, 200);
    // A job in Chatwoot: the answer does not wait for it.
    setImmediate(() => {
      for (const message of messagesOf(world, conversation)) {
        const unread = message.messageType === 'outgoing' && (message.status === 'sent' || message.status === 'delivered');
        if (unread && message.createdAt <= seenAt) reportStatus(world, message, 'read', null);
      }
    });
  });
}
