import type { PrismaClient } from '../../../shared/database/database.ts';
import { createShelf } from './memory.ts';
import { findLinks, insertLink, isKnownLid, type Link } from './queries/lids.ts';

export type { Link } from './queries/lids.ts';

/** Which @lid and which number were told to be one person's, for one instance. */
export interface Lids {
  /** What is known of a @lid, of a number, and of what either was told beside. */
  around(told: { readonly lid: string | undefined; readonly number: string | undefined }): Promise<Link[]>;
  add(link: Link): Promise<void>;
  /** Whether somebody was told to have this @lid. */
  has(lid: string): Promise<boolean>;
  /** A contact has these addresses from now on. */
  learned(addresses: readonly string[]): void;
}

export function createLids(deps: { prisma: PrismaClient; instanceId: string; integrationId: string }): Lids {
  const { prisma, instanceId } = deps;
  const links = createShelf<Link[]>();
  const known = createShelf<boolean>();
  return {
    around: (told) => links.read(`${told.lid} ${told.number}`, () => findLinks(prisma, instanceId, told)),
    add: (link) =>
      insertLink(prisma, instanceId, link).finally(() => {
        links.drop();
        known.drop();
      }),
    has: (lid) => known.read(lid, () => isKnownLid(prisma, deps, lid)),
    learned: (addresses) => known.drop((_isKnown, lid) => addresses.includes(lid)),
  };
}
