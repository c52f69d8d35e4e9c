import { z } from 'zod';
import type { PrismaClient } from '../../../../shared/database/database.ts';

/** A contact whose picture is due, and what is known of the one it has. */
export interface AskedContact {
  readonly contactId: number;
  readonly avatarHash: string;
  readonly avatarShownAt: string;
}

const askedRows = z.array(
  z.object({ contact_id: z.number(), avatar_hash: z.string(), avatar_shown_at: z.string() }).transform(
    (row): AskedContact => ({
      contactId: row.contact_id,
      avatarHash: row.avatar_hash,
      avatarShownAt: row.avatar_shown_at,
    }),
  ),
);

/** The contact at these addresses, where nobody has asked for its picture within a week; now somebody has. */
export async function claimAvatar(
  prisma: PrismaClient,
  integrationId: string,
  addresses: readonly string[],
): Promise<AskedContact | undefined> {
  const rows = await prisma.$queryRaw`
    UPDATE bridge_contacts SET avatar_asked_at = now()
     WHERE integration_id = ${integrationId} AND address = ANY(${[...addresses]})
       AND (avatar_asked_at IS NULL OR avatar_asked_at < now() - interval '7 days')
    RETURNING contact_id, avatar_hash, avatar_shown_at`;
  return askedRows.parse(rows)[0];
}

/** Which picture a contact was given, and where Chatwoot shows it. */
export async function writeAvatar(
  prisma: PrismaClient,
  integrationId: string,
  contactId: number,
  { hash, shownAt }: { readonly hash: string; readonly shownAt: string },
): Promise<void> {
  await prisma.$executeRaw`
    UPDATE bridge_contacts SET avatar_hash = ${hash}, avatar_shown_at = ${shownAt}
     WHERE integration_id = ${integrationId} AND contact_id = ${contactId}`;
}
