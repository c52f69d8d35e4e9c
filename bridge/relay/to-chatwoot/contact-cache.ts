import type { PrismaClient } from '../../../shared/database/database.ts';
import type { BridgeContact } from '../../../shared/database/generated/client.ts';
import type { Identity } from './identity.ts';
import { createShelf } from './memory.ts';

/** A contact of Chatwoot as far as the bridge remembers it. */
export type KnownContact = Pick<BridgeContact, 'address' | 'contactId' | 'sourceId' | 'nameSet' | 'nameSeen'>;

export interface ContactCache {
  find(identity: Identity): Promise<KnownContact[]>;
  /** Every address of the contact that is written to under that one. */
  addressesBehind(sourceId: string): Promise<string[]>;
  /** All that is known of these contacts. */
  addressesOf(contactIds: readonly number[]): Promise<string[]>;
  /** From now on all these addresses are that one contact's. */
  remember(identity: Identity, contact: Omit<KnownContact, 'address'>): Promise<void>;
  /** It is no longer in Chatwoot. */
  forget(contactId: number): Promise<void>;
  /** It is no longer known whose these are. */
  forgetAddresses(addresses: readonly string[]): Promise<void>;
  rename(contactId: number, names: Partial<Pick<KnownContact, 'nameSet' | 'nameSeen'>>): Promise<void>;
}

/** Which contact an address of WhatsApp is, for one integration. What it says may be out of date: Chatwoot has the last word. */
export function createContactCache(deps: {
  prisma: PrismaClient;
  integrationId: string;
  /** These addresses are a contact's from now on. */
  onRemembered: (addresses: readonly string[]) => void;
}): ContactCache {
  const { prisma, integrationId } = deps;
  const table = prisma.bridgeContact;
  const found = createShelf<KnownContact[]>();
  const ofAddresses = (addresses: readonly string[]) => (_known: unknown, key: string) =>
    key.split(' ').some((address) => addresses.includes(address));
  const ofContact = (contactId: number) => (known: readonly KnownContact[]) =>
    known.some((contact) => contact.contactId === contactId);

  return {
    find: ({ addresses }) =>
      found.read(addresses.join(' '), () => table.findMany({ where: { integrationId, address: { in: [...addresses] } } })),
    async addressesBehind(sourceId) {
      const rows = await table.findMany({ where: { integrationId, sourceId }, select: { address: true } });
      return rows.map(({ address }) => address);
    },
    async addressesOf(contactIds) {
      const rows = await table.findMany({
        where: { integrationId, contactId: { in: [...contactIds] } },
        select: { address: true },
      });
      return rows.map(({ address }) => address);
    },
    async remember({ addresses }, contact) {
      try {
        await prisma.$transaction(
          addresses.map((address) =>
            table.upsert({
              where: { integrationId_address: { integrationId, address } },
              create: { integrationId, address, ...contact },
              update: contact,
            }),
          ),
        );
      } finally {
        found.drop(ofAddresses(addresses));
        deps.onRemembered(addresses);
      }
    },
    async forget(contactId) {
      await table.deleteMany({ where: { integrationId, contactId } }).finally(() => found.drop(ofContact(contactId)));
    },
    async forgetAddresses(addresses) {
      const where = { integrationId, address: { in: [...addresses] } };
      await table.deleteMany({ where }).finally(() => found.drop(ofAddresses(addresses)));
    },
    async rename(contactId, names) {
      const where = { integrationId, contactId };
      await table.updateMany({ where, data: names }).finally(() => found.drop(ofContact(contactId)));
    },
  };
}
