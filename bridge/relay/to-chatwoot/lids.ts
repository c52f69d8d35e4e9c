import type { PrismaClient } from '../../../shared/database/database.ts';
import { findLinks, insertLink, isKnownLid, type Link } from './queries/lids.ts';

export type { Link } from './queries/lids.ts';

/** Which @lid and which number were told to be one person's, for one instance. */
export interface Lids {
  /** What is known of a @lid, of a number, and of what either was told beside. */
  around(told: { readonly lid: string | undefined; readonly number: string | undefined }): Promise<Link[]>;
  add(link: Link): Promise<void>;
  /** Whether somebody was told to have this @lid. */
  has(lid: string): Promise<boolean>;
}

export function createLids(deps: { prisma: PrismaClient; instanceId: string; integrationId: string }): Lids {
  const { prisma, instanceId } = deps;
  return {
    around: (told) => findLinks(prisma, instanceId, told),
    add: (link) => insertLink(prisma, instanceId, link),
    has: (lid) => isKnownLid(prisma, deps, lid),
  };
}
