import type { Router } from 'express';
import { type Caller, forAccount, isAdministrator, maySeeInbox, requireAdministrator, requireInbox } from './auth.ts';
import { destroyConversation } from './conversation-record.ts';
import {
  defaultChannelFields,
  defaultInboxFields,
  readChannel,
  readInbox,
  validateChannel,
  validateInbox,
} from './inbox-record.ts';
import { inboxView } from './inbox-view.ts';
import { textsOf } from './locale.ts';
import { asParams, found, isObject, type Params, text, toId } from './params.ts';
import { accountLimitExceeded, crash, empty, ValidationFailure } from './replies.ts';
import type { AccountRow, InboxRow } from './rows.ts';
import { newToken, type World } from './world.ts';

const BASE = '/api/v1/accounts/:account_id/inboxes';

/** The inbox of an account, or 404. */
export function findInbox(world: World, account: AccountRow, id: unknown): InboxRow {
  const inbox = world.tables.inboxes.get(toId(id));
  return found(inbox?.accountId === account.id ? inbox : undefined);
}

/** Stores an inbox with freshly generated identifier, token and secret, and no members. */
export function insertInbox(world: World, values: Partial<InboxRow> & { accountId: number }): InboxRow {
  const now = Date.now();
  const inbox = world.tables.inboxes.insert({
    ...defaultInboxFields,
    ...defaultChannelFields,
    channelId: 0,
    channelType: 'Channel::Api',
    identifier: newToken(),
    hmacToken: newToken(),
    secret: newToken(),
    memberIds: [],
    agentBotId: null,
    deleteAt: null,
    createdAt: now,
    updatedAt: now,
    ...values,
  });
  if (inbox.channelId === 0) inbox.channelId = inbox.id;
  return inbox;
}

function createInbox(world: World, caller: Caller, params: Params): InboxRow {
  const { account } = caller;
  const full = () => world.tables.inboxes.group('account', account.id).length >= account.inboxLimit;
  // The limit moved into the model with 4.16.0; before, even an agent on a full account was told about the limit.
  if (!world.features.planGate && full()) throw accountLimitExceeded();
  requireAdministrator(caller);
  if (!isObject(params.channel)) throw crash();
  const channelParams = asParams(params.channel);
  if (text(channelParams, 'type') !== 'api') {
    throw new ValidationFailure([{ attribute: 'channel', message: 'Channel must exist' }]);
  }
  const channel = readChannel(channelParams, defaultChannelFields);
  validateChannel(channel);
  const fields = readInbox(params, defaultInboxFields);
  validateInbox(fields, world.features);
  if (full()) throw accountLimitExceeded();
  return insertInbox(world, { ...fields, ...channel, accountId: account.id });
}

function updateInbox(world: World, inbox: InboxRow, params: Params): void {
  const fields = readInbox(params, inbox);
  validateInbox(fields, world.features);
  if (isObject(params.channel)) {
    // `channel.type` reaches the record, which has no such attribute.
    if ('type' in params.channel) throw crash();
    const channel = readChannel(params.channel, inbox);
    validateChannel(channel);
    Object.assign(inbox, channel);
  }
  Object.assign(inbox, fields, { updatedAt: Date.now() });
}

/** Removes an inbox with its conversations and addresses; its contacts survive, as in Chatwoot's deletion job. */
export function destroyInbox(world: World, inboxId: number): void {
  const { tables } = world;
  for (const conversation of [...tables.conversations.group('inbox', inboxId)]) destroyConversation(world, conversation);
  for (const contactInbox of tables.contactInboxes.group('inbox', inboxId)) tables.contactInboxes.remove(contactInbox.id);
  tables.inboxes.remove(inboxId);
}

const byName = (a: InboxRow, b: InboxRow): number => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1);

/** Inbox routes. `scheduleDeletion` runs the deletion job after the configured delay. */
export function inboxRoutes(world: World, router: Router, scheduleDeletion: (inbox: InboxRow) => void): void {
  const view = (caller: Caller, inbox: InboxRow) => inboxView(inbox, world.features, isAdministrator(caller));

  router.get(
    BASE,
    forAccount(world, (caller, _req, res) => {
      const inboxes = world.tables.inboxes.group('account', caller.account.id).filter((inbox) => maySeeInbox(caller, inbox));
      res.json({ payload: [...inboxes].sort(byName).map((inbox) => view(caller, inbox)) });
    }),
  );
  router.post(
    BASE,
    forAccount(world, (caller, req, res) => {
      res.json(view(caller, createInbox(world, caller, asParams(req.body))));
    }),
  );
  router.get(
    `${BASE}/:id`,
    forAccount(world, (caller, req, res) => {
      const inbox = findInbox(world, caller.account, req.params.id);
      requireInbox(caller, inbox);
      res.json(view(caller, inbox));
    }),
  );
  changeRoutes(world, router, scheduleDeletion);
}

/** Routes that change one inbox: administrators only. */
function changeRoutes(world: World, router: Router, scheduleDeletion: (inbox: InboxRow) => void): void {
  const update = forAccount(world, (caller, req, res) => {
    const inbox = findInbox(world, caller.account, req.params.id);
    requireAdministrator(caller);
    updateInbox(world, inbox, asParams(req.body));
    res.json(inboxView(inbox, world.features, true));
  });
  router.patch(`${BASE}/:id`, update);
  router.put(`${BASE}/:id`, update);
  router.delete(
    `${BASE}/:id`,
    forAccount(world, (caller, req, res) => {
      const inbox = findInbox(world, caller.account, req.params.id);
      requireAdministrator(caller);
      inbox.deleteAt ??= Date.now() + world.settings.deletionDelayMs;
      scheduleDeletion(inbox);
      res.json({ message: textsOf(caller.account.locale).inboxDeletion });
    }),
  );
  router.post(
    `${BASE}/:id/set_agent_bot`,
    forAccount(world, (caller, req, res) => {
      const inbox = findInbox(world, caller.account, req.params.id);
      requireAdministrator(caller);
      const wanted = asParams(req.body).agent_bot;
      inbox.agentBotId = wanted ? found(world.tables.agentBots.get(toId(wanted))).id : null;
      empty(res, 200);
    }),
  );
  if (!world.features.signedWebhooks) return;
  router.post(
    `${BASE}/:id/reset_secret`,
    forAccount(world, (caller, req, res) => {
      const inbox = findInbox(world, caller.account, req.params.id);
      requireAdministrator(caller);
      if (inbox.channelType !== 'Channel::Api') {
        empty(res, 404);
        return;
      }
      inbox.secret = newToken();
      res.json(inboxView(inbox, world.features, true));
    }),
  );
}
