import { z } from 'zod';
import type { PrismaClient } from '../../../shared/database/database.ts';

const answer = z.tuple([z.object({ wanted: z.boolean() })]);

/** Whether anybody wants to hear of anything. */
export async function isAnybodyTold(prisma: PrismaClient): Promise<boolean> {
  const rows = await prisma.$queryRaw`SELECT EXISTS (SELECT FROM notification_endpoints WHERE enabled) AS wanted`;
  return answer.parse(rows)[0].wanted;
}

export interface CollectedEvent {
  readonly id: string;
  readonly type: string;
  readonly instanceId: string;
  readonly facts: Readonly<Record<string, unknown>>;
  /** By the clock of whoever tells. */
  readonly ageMs: number;
}

/** Has everybody told who wants to hear of these. What is there already stays as it is. */
export async function notifyEndpoints(prisma: PrismaClient, events: readonly CollectedEvent[]): Promise<void> {
  await prisma.$queryRaw`
    SELECT notify_endpoints(e.id, e.type, e."instanceId", e.facts, now() - e."ageMs" * interval '1 millisecond')::text
      FROM jsonb_to_recordset(${JSON.stringify(events)}::jsonb)
        AS e(id text, type text, "instanceId" text, facts jsonb, "ageMs" float8)`;
}
