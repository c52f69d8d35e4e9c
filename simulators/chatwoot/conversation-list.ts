import type { Router } from 'express';
import { type Caller, forAccount, maySeeInbox } from './auth.ts';
import { conversationView } from './conversation-view.ts';
import { toId } from './params.ts';
import { crash } from './replies.ts';
import type { ConversationRow } from './rows.ts';
import type { World } from './world.ts';

const PAGE = 25;
const asText = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Those of the caller's inboxes, which for an administrator are all. */
function isListed(world: World, caller: Caller, { inboxId }: ConversationRow): boolean {
  const inbox = world.tables.inboxes.get(inboxId);
  return inbox !== undefined && maySeeInbox(caller, inbox);
}

/** `GET conversations`: 25 a page, those with the latest activity first; without `status` the open ones only. */
export function conversationListRoute(world: World, router: Router): void {
  router.get(
    '/api/v1/accounts/:account_id/conversations',
    forAccount(world, (caller, req, res) => {
      const { inbox_id, status, page } = req.query;
      const inboxId = asText(inbox_id);
      const wanted = asText(status) ?? 'open';
      const found = world.tables.conversations
        .group('account', caller.account.id)
        .filter((row) => inboxId === undefined || row.inboxId === toId(inboxId))
        .filter((row) => wanted === 'all' || row.status === wanted)
        .filter((row) => isListed(world, caller, row))
        .toSorted((one, other) => other.lastActivityAt - one.lastActivityAt);
      const number = Math.max(1, Number.parseInt(asText(page) ?? '1', 10) || 1);
      const shown = found.slice((number - 1) * PAGE, number * PAGE);
      // One whose contact was deleted cannot be shown, and with it none of the page.
      if (shown.some(({ contactId }) => !world.tables.contacts.get(contactId))) throw crash();
      const userId = caller.kind === 'user' ? caller.user.id : null;
      const unassigned = found.filter(({ assigneeId }) => assigneeId === null).length;
      res.json({
        data: {
          meta: {
            mine_count: found.filter(({ assigneeId }) => assigneeId === userId).length,
            assigned_count: found.length - unassigned,
            unassigned_count: unassigned,
            all_count: found.length,
          },
          payload: shown.map((row) => conversationView(world, row)),
        },
      });
    }),
  );
}
