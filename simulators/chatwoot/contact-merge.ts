import type { Router } from 'express';
import { forAccount } from './auth.ts';
import { contactView } from './contact-view.ts';
import { findContact } from './contacts.ts';
import { asParams } from './params.ts';
import type { ContactRow } from './rows.ts';
import type { World } from './world.ts';

const FIELDS = ['name', 'email', 'phoneNumber', 'identifier'] as const;

/** Moves addresses, conversations and messages to `base`, fills what it lacks, and removes `mergee`. */
function mergeContacts({ tables }: World, base: ContactRow, mergee: ContactRow): void {
  // A row's group never changes in its life, so each is put in anew.
  for (const address of [...tables.contactInboxes.group('contact', mergee.id)]) {
    tables.contactInboxes.remove(address.id);
    tables.contactInboxes.insert({ ...address, contactId: base.id });
  }
  for (const conversation of [...tables.conversations.group('contact', mergee.id)]) {
    tables.conversations.remove(conversation.id);
    tables.conversations.insert({ ...conversation, contactId: base.id });
    for (const { sender } of tables.messages.group('conversation', conversation.id)) {
      if (sender?.type === 'Contact' && sender.id === mergee.id) sender.id = base.id;
    }
  }
  tables.contacts.remove(mergee.id);
  for (const field of FIELDS) if (!base[field] && mergee[field]) Object.assign(base, { [field]: mergee[field] });
  base.additionalAttributes = { ...mergee.additionalAttributes, ...base.additionalAttributes };
  base.customAttributes = { ...mergee.customAttributes, ...base.customAttributes };
}

/** `POST actions/contact_merge`: what the two have both is the base contact's. A contact merged with itself stays as it is. */
export function contactMergeRoutes(world: World, router: Router): void {
  router.post(
    '/api/v1/accounts/:account_id/actions/contact_merge',
    forAccount(world, (caller, req, res) => {
      const params = asParams(req.body);
      const base = findContact(world, caller.account, params.base_contact_id);
      const mergee = findContact(world, caller.account, params.mergee_contact_id);
      if (base !== mergee) mergeContacts(world, base, mergee);
      res.json(contactView(world, base, null));
    }),
  );
}
