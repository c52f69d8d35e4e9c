import { z } from 'zod';
import type { PrismaClient } from '../../../shared/database/database.ts';
import type { NotificationType } from '../../../shared/notifications/event.ts';

/** The operator's mailbox is an endpoint of no account. */
const ID = 'operator';

/** From now on the mailbox hears of `events`. */
export const openMailbox = (prisma: PrismaClient, events: readonly NotificationType[]): Promise<number> => prisma.$executeRaw`
  INSERT INTO notification_endpoints (id, events) VALUES (${ID}, ${[...events]}::text[])
  ON CONFLICT (id) DO UPDATE SET events = excluded.events WHERE notification_endpoints.events <> excluded.events`;

/** With whatever it has not been told yet. */
export async function closeMailbox(prisma: PrismaClient): Promise<void> {
  await prisma.notificationEndpoint.deleteMany({ where: { id: ID } });
}

const claimedRow = z.object({ failures: z.number() });
const eventRow = z.object({ eventId: z.string(), type: z.string(), facts: z.unknown(), occurredAt: z.date() });
export type MailedEvent = z.infer<typeof eventRow>;

export interface ClaimedMail {
  /** In the order in which they happened. */
  readonly events: readonly MailedEvent[];
  /** How often in a row it has failed. */
  readonly failures: number;
}

/** Takes what the mailbox is to be told, for `claimMs`; undefined where there is nothing, or it is not yet time for another mail. */
export async function claimMail(
  prisma: PrismaClient,
  { limit, claimMs }: { limit: number; claimMs: number },
): Promise<ClaimedMail | undefined> {
  const claimed = z.array(claimedRow).parse(
    await prisma.$queryRaw`
      UPDATE notification_endpoints SET next_mail_at = now() + make_interval(secs => ${claimMs / 1_000}::float8)
       WHERE id = ${ID} AND next_mail_at <= now()
         AND EXISTS (SELECT FROM notification_deliveries d WHERE d.endpoint_id = ${ID} AND d.state = 'pending')
      RETURNING mail_failures AS failures`,
  );
  if (claimed[0] === undefined) return undefined;
  const events = z.array(eventRow).parse(
    await prisma.notificationDelivery.findMany({
      where: { endpointId: ID, state: 'pending' },
      orderBy: [{ occurredAt: 'asc' }, { eventId: 'asc' }],
      take: limit,
      select: { eventId: true, type: true, facts: true, occurredAt: true },
    }),
  );
  return { events, failures: claimed[0].failures };
}

/** They are told; there is no other mail for `pauseMs`. */
export async function settleMailed(prisma: PrismaClient, events: readonly MailedEvent[], pauseMs: number): Promise<void> {
  const ids = events.map(({ eventId }) => eventId);
  await prisma.$executeRaw`
    WITH told AS (
      UPDATE notification_deliveries SET state = 'delivered', attempts = attempts + 1, last_attempt_at = now()
       WHERE endpoint_id = ${ID} AND event_id = ANY(${ids}))
    UPDATE notification_endpoints
       SET next_mail_at = now() + make_interval(secs => ${pauseMs / 1_000}::float8), mail_failures = 0, failing_since = NULL
     WHERE id = ${ID}`;
}

/** It is tried again after `delayMs`. */
export const postponeMail = (prisma: PrismaClient, delayMs: number): Promise<number> => prisma.$executeRaw`
  UPDATE notification_endpoints SET next_mail_at = now() + make_interval(secs => ${delayMs / 1_000}::float8),
         mail_failures = mail_failures + 1, failing_since = coalesce(failing_since, now())
   WHERE id = ${ID}`;
