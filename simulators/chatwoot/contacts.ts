import type { Router } from 'express';
import { storeAvatar } from './attachments.ts';
import { forAccount, maySeeInbox, requireAdministrator, requireInbox } from './auth.ts';
import {
  contactInboxAt,
  destroyContact,
  ensureContactInbox,
  insertContact,
  readContact,
  validateContact,
} from './contact-record.ts';
import { contactPage, filterContacts, pageNumber, searchContacts } from './contact-search.ts';
import { contactView, nestedInboxView } from './contact-view.ts';
import { conversationView } from './conversation-view.ts';
import { rawInboxView } from './inbox-view.ts';
import { findInbox } from './inboxes.ts';
import { asParams, found, type Params, text, toId } from './params.ts';
import { crash, empty } from './replies.ts';
import type { AccountRow, ContactRow } from './rows.ts';
import type { World } from './world.ts';

const BASE = '/api/v1/accounts/:account_id/contacts';

/** The contact of an account, or 404. */
export function findContact(world: World, account: AccountRow, id: unknown): ContactRow {
  const contact = world.tables.contacts.get(toId(id));
  return found(contact?.accountId === account.id ? contact : undefined);
}

/** PostgreSQL's driver throws for text with a NUL, and nothing catches that here. */
function refuseNul(params: Params): void {
  if (Object.values(params).some((value) => typeof value === 'string' && value.includes('\0'))) throw crash();
}

/** Contact routes: any role may create, change and search; only administrators delete. */
export function contactRoutes(world: World, router: Router): void {
  lookupRoutes(world, router);
  createRoute(world, router);
  recordRoutes(world, router);
  contactInboxRoutes(world, router);
}

function createRoute(world: World, router: Router): void {
  router.post(
    BASE,
    forAccount(world, (caller, req, res) => {
      const params = asParams(req.body);
      refuseNul(params);
      const fields = readContact(params, world.features);
      validateContact(world, caller.account, fields);
      const wanted = params.inbox_id;
      const inbox = wanted === undefined || wanted === null || wanted === '' ? null : findInbox(world, caller.account, wanted);
      const sourceId = text(params, 'source_id');
      // One transaction in Chatwoot: an address that is taken leaves no contact behind.
      if (inbox && sourceId && contactInboxAt(world, inbox.id, sourceId)) throw crash();
      const contact = insertContact(world, caller.account, fields);
      storeAvatar(world, contact, req.files);
      const address = inbox ? ensureContactInbox(world, contact, inbox, sourceId) : null;
      const contactInbox = { inbox: inbox ? rawInboxView(inbox, world.features) : null, source_id: address?.sourceId ?? null };
      res.json({ payload: { contact: contactView(world, contact, caller), contact_inbox: contactInbox } });
    }),
  );
}

function lookupRoutes(world: World, router: Router): void {
  const inAccount = (account: AccountRow) => world.tables.contacts.group('account', account.id);
  router.get(
    BASE,
    forAccount(world, (caller, req, res) => {
      const page = contactPage(inAccount(caller.account), req.query.page);
      const payload = page.rows.map((contact) => contactView(world, contact, caller));
      res.json({ meta: { count: page.total, current_page: page.currentPage }, payload });
    }),
  );
  router.get(
    `${BASE}/search`,
    forAccount(world, (caller, req, res) => {
      const query = typeof req.query.q === 'string' ? req.query.q : '';
      refuseNul({ query });
      const allContacts = world.features.health;
      if (query.trim() === '') {
        res.json({
          meta: { count: null, current_page: pageNumber(req.query.page), ...(allContacts ? { has_more: null } : {}) },
          payload: [],
        });
        return;
      }
      const page = contactPage(searchContacts(inAccount(caller.account), query, allContacts), req.query.page);
      const withInboxes = req.query.include_contact_inboxes !== 'false';
      res.json({
        meta: allContacts
          ? { count: page.rows.length, current_page: page.currentPage, has_more: page.hasMore }
          : { count: page.total, current_page: page.currentPage },
        payload: page.rows.map((contact) => contactView(world, contact, withInboxes ? caller : null)),
      });
    }),
  );
  router.post(
    `${BASE}/filter`,
    forAccount(world, (caller, req, res) => {
      const page = contactPage(filterContacts(inAccount(caller.account), asParams(req.body), world.features), req.query.page);
      const payload = page.rows.map((contact) => contactView(world, contact, caller));
      res.json({ meta: { count: page.total, current_page: page.currentPage }, payload });
    }),
  );
}

function recordRoutes(world: World, router: Router): void {
  router.get(
    `${BASE}/:id`,
    forAccount(world, (caller, req, res) => {
      res.json({ payload: contactView(world, findContact(world, caller.account, req.params.id), caller) });
    }),
  );
  const update = forAccount(world, (caller, req, res) => {
    const contact = findContact(world, caller.account, req.params.id);
    const params = asParams(req.body);
    refuseNul(params);
    const fields = readContact(params, world.features, contact);
    validateContact(world, caller.account, fields, contact.id);
    Object.assign(contact, fields, { updatedAt: Date.now() });
    storeAvatar(world, contact, req.files);
    res.json({ payload: contactView(world, contact, caller) });
  });
  router.put(`${BASE}/:id`, update);
  router.patch(`${BASE}/:id`, update);
  router.delete(
    `${BASE}/:id`,
    forAccount(world, (caller, req, res) => {
      const contact = findContact(world, caller.account, req.params.id);
      requireAdministrator(caller);
      destroyContact(world, contact.id);
      empty(res, 200);
    }),
  );
  // Twenty at most over all inboxes and statuses: a caller has to pick its inbox itself.
  router.get(
    `${BASE}/:id/conversations`,
    forAccount(world, (caller, req, res) => {
      const contact = findContact(world, caller.account, req.params.id);
      const visible = world.tables.conversations.group('contact', contact.id).filter((conversation) => {
        const inbox = world.tables.inboxes.get(conversation.inboxId);
        return inbox !== undefined && maySeeInbox(caller, inbox);
      });
      const byActivity = world.features.conversationsByActivity;
      const latest = [...visible]
        .sort((a, b) => (byActivity ? b.lastActivityAt - a.lastActivityAt : 0) || b.id - a.id)
        .slice(0, 20);
      res.json({ payload: latest.map((conversation) => conversationView(world, conversation)) });
    }),
  );
}

function contactInboxRoutes(world: World, router: Router): void {
  router.post(
    `${BASE}/:id/contact_inboxes`,
    forAccount(world, (caller, req, res) => {
      const params = asParams(req.body);
      const contact = findContact(world, caller.account, req.params.id);
      const inbox = findInbox(world, caller.account, params.inbox_id);
      requireInbox(caller, inbox);
      const address = ensureContactInbox(world, contact, inbox, text(params, 'source_id'));
      res.json({ source_id: address.sourceId, inbox: nestedInboxView(world, inbox, caller) });
    }),
  );
  if (!world.features.contactInboxFilter) return;
  router.post(
    '/api/v1/accounts/:account_id/contact_inboxes/filter',
    forAccount(world, (caller, req, res) => {
      const params = asParams(req.body);
      refuseNul(params);
      const inbox = findInbox(world, caller.account, params.inbox_id);
      requireInbox(caller, inbox);
      const address = contactInboxAt(world, inbox.id, text(params, 'source_id') ?? '');
      const contact = address && world.tables.contacts.get(address.contactId);
      if (contact) res.json(contactView(world, contact, caller));
      else empty(res, 404);
    }),
  );
}
