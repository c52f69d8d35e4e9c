import type { Router } from 'express';
import { forAccount, requireAdministrator, requireInbox } from './auth.ts';
import { findInbox } from './inboxes.ts';
import { asParams, toId } from './params.ts';
import { crash } from './replies.ts';
import type { InboxRow } from './rows.ts';
import { agentView } from './users.ts';
import type { World } from './world.ts';

/** Members of an inbox: agents see an inbox only once they are added here. */
export function inboxMemberRoutes(world: World, router: Router): void {
  const base = '/api/v1/accounts/:account_id/inbox_members';
  const members = (inbox: InboxRow, accountId: number) => ({
    payload: inbox.memberIds.flatMap((id) => {
      const user = world.tables.users.get(id);
      return user ? [agentView(user, accountId)] : [];
    }),
  });
  const write = (change: (before: number[], given: number[]) => number[]) =>
    forAccount(world, (caller, req, res) => {
      const params = asParams(req.body);
      const inbox = findInbox(world, caller.account, params.inbox_id);
      requireAdministrator(caller);
      if (!Array.isArray(params.user_ids)) throw crash();
      inbox.memberIds = [...new Set(change(inbox.memberIds, params.user_ids.map(toId)))];
      res.json(members(inbox, caller.account.id));
    });
  router.post(
    base,
    write((before, given) => [...before, ...given]),
  );
  router.patch(
    base,
    write((_before, given) => given),
  );
  router.delete(
    base,
    write((before, given) => before.filter((id) => !given.includes(id))),
  );
  router.get(
    `${base}/:id`,
    forAccount(world, (caller, req, res) => {
      const inbox = findInbox(world, caller.account, req.params.id);
      requireInbox(caller, inbox);
      res.json(members(inbox, caller.account.id));
    }),
  );
}
