import type { ChatwootClient } from '../../chatwoot/client.ts';
import type { ContactCache } from './contact-cache.ts';
import type { Identity } from './identity.ts';

/**
 * Gives a contact the name that WhatsApp tells, while it has none or still has the one Ponte gave it. A name that a person chose in
 * Chatwoot is left alone. Best effort: what fails is tried again with the next message.
 */
export function createNameKeeper({ client, cache }: { client: ChatwootClient; cache: ContactCache }) {
  return async function keepName(identity: Identity): Promise<void> {
    if (identity.name === '') return;
    const [known] = await cache.find(identity);
    if (known === undefined || known.nameSeen === identity.name) return;
    const contact = await client.contacts.get(known.contactId);
    if (!contact.ok) return;
    const current = (contact.value.name ?? '').trim();
    if (current === identity.name || !isOurs(current, known.nameSet, identity)) {
      await cache.rename(known.contactId, { nameSeen: identity.name });
      return;
    }
    const changed = await client.contacts.update(known.contactId, { name: identity.name });
    if (changed.ok) await cache.rename(known.contactId, { nameSet: identity.name, nameSeen: identity.name });
  };
}

function isOurs(current: string, nameSet: string, { addresses, fallbackName }: Identity): boolean {
  if (current === '' || current === nameSet || current === fallbackName) return true;
  // A number in whatever notation.
  return /^[+\d\s().-]+$/.test(current) && addresses.includes(current.replace(/\D/g, ''));
}
