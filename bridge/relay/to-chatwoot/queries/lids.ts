import { z } from 'zod';
import type { PrismaClient } from '../../../../shared/database/database.ts';

/** A @lid and a number that an event told to be one person's. */
export interface Link {
  readonly lid: string;
  /** In its canonical spelling. */
  readonly number: string;
}

const linkRows = z.array(z.object({ lid: z.string(), number: z.string() }));

/** What is known of a @lid, of a number, and of what either was told beside. */
export async function findLinks(
  prisma: PrismaClient,
  instanceId: string,
  { lid, number }: { readonly lid: string | undefined; readonly number: string | undefined },
): Promise<Link[]> {
  const rows = await prisma.$queryRaw`
    WITH near AS (
      SELECT lid, number FROM bridge_lids WHERE instance_id = ${instanceId} AND (lid = ${lid ?? ''} OR number = ${number ?? ''}))
    SELECT lid, number FROM near
     UNION
    SELECT lid, number FROM bridge_lids
     WHERE instance_id = ${instanceId} AND (lid IN (SELECT lid FROM near) OR number IN (SELECT number FROM near))`;
  return linkRows.parse(rows);
}

/** Twice does no harm. */
export async function insertLink(prisma: PrismaClient, instanceId: string, { lid, number }: Link): Promise<void> {
  await prisma.$executeRaw`
    INSERT INTO bridge_lids (instance_id, lid, number) VALUES (${instanceId}, ${lid}, ${number}) ON CONFLICT DO NOTHING`;
}

const knownRows = z.tuple([z.object({ known: z.boolean() })]);

/** Whether somebody was told to have this @lid. */
export async function isKnownLid(
  prisma: PrismaClient,
  { instanceId, integrationId }: { readonly instanceId: string; readonly integrationId: string },
  lid: string,
): Promise<boolean> {
  const rows = await prisma.$queryRaw`
    SELECT EXISTS (SELECT FROM bridge_lids WHERE instance_id = ${instanceId} AND lid = ${lid})
        OR EXISTS (SELECT FROM bridge_contacts WHERE integration_id = ${integrationId} AND address = ${lid}) AS known`;
  const [{ known }] = knownRows.parse(rows);
  return known;
}
