import type { Router } from 'express';
import { forAccount } from './auth.ts';
import { changeStatus } from './conversation-record.ts';
import { conversationView } from './conversation-view.ts';
import { findConversation, readAttributes } from './conversations.ts';
import { asParams, found, text, toId } from './params.ts';
import { empty } from './replies.ts';
import { agentView } from './users.ts';
import { updateConversation, type World } from './world.ts';

const BASE = '/api/v1/accounts/:account_id/conversations';

/** Routes that change one attribute: custom attributes, labels, assignee, priority, last seen. */
export function conversationAttributeRoutes(world: World, router: Router): void {
  router.post(
    `${BASE}/:id/custom_attributes`,
    forAccount(world, (caller, req, res) => {
      const conversation = findConversation(world, caller, req.params.id);
      const customAttributes = readAttributes(asParams(req.body), 'custom_attributes', 'Custom attributes') ?? {};
      updateConversation(world, conversation, { customAttributes });
      res.json({ custom_attributes: conversation.customAttributes });
    }),
  );
  router.get(
    `${BASE}/:id/labels`,
    forAccount(world, (caller, req, res) => {
      res.json({ payload: findConversation(world, caller, req.params.id).labels });
    }),
  );
  router.post(
    `${BASE}/:id/labels`,
    forAccount(world, (caller, req, res) => {
      const conversation = findConversation(world, caller, req.params.id);
      const { labels } = asParams(req.body);
      updateConversation(world, conversation, { labels: Array.isArray(labels) ? labels.map(String) : [] });
      res.json({ payload: conversation.labels });
    }),
  );
  handlingRoutes(world, router);
  muteRoutes(world, router);
}

/** Muting blocks the contact, and resolves the conversation as well. */
function muteRoutes(world: World, router: Router): void {
  for (const [path, blocked] of [
    ['mute', true],
    ['unmute', false],
  ] as const) {
    router.post(
      `${BASE}/:id/${path}`,
      forAccount(world, (caller, req, res) => {
        const conversation = findConversation(world, caller, req.params.id);
        found(world.tables.contacts.get(conversation.contactId)).blocked = blocked;
        if (blocked)
          changeStatus(world, conversation, 'resolved', caller.kind === 'user' ? { type: 'User', id: caller.user.id } : null);
        empty(res, 200);
      }),
    );
  }
}

/** Who handles a conversation, how urgently, and what was seen of it. */
function handlingRoutes(world: World, router: Router): void {
  router.post(
    `${BASE}/:id/assignments`,
    forAccount(world, (caller, req, res) => {
      const conversation = findConversation(world, caller, req.params.id);
      const user = world.tables.users.get(toId(asParams(req.body).assignee_id));
      const member = user?.memberships.some((membership) => membership.accountId === caller.account.id) ? user : undefined;
      updateConversation(world, conversation, { assigneeId: member?.id ?? null });
      res.json(member ? agentView(member, caller.account.id) : null);
    }),
  );
  router.post(
    `${BASE}/:id/toggle_priority`,
    forAccount(world, (caller, req, res) => {
      updateConversation(world, findConversation(world, caller, req.params.id), {
        priority: text(asParams(req.body), 'priority') || null,
      });
      empty(res, 200);
    }),
  );
  router.post(
    `${BASE}/:id/update_last_seen`,
    forAccount(world, (caller, req, res) => {
      const conversation = findConversation(world, caller, req.params.id);
      conversation.agentLastSeenAt = Date.now();
      res.json(conversationView(world, conversation));
    }),
  );
}
