import type { PrismaClient } from '../../../../shared/database/database.ts';

/** Notes that a conversation belongs to an address, and when it was written from there last. By the database's clock. */
export async function noteAddress(
  prisma: PrismaClient,
  values: {
    readonly integrationId: string;
    readonly conversationId: number;
    readonly address: string;
    readonly replyTo: string;
    readonly isWriter: boolean;
  },
): Promise<void> {
  const { integrationId, conversationId, address, replyTo, isWriter } = values;
  await prisma.$executeRaw`
    INSERT INTO bridge_conversation_addresses AS known (integration_id, conversation_id, address, reply_to, wrote_at)
    VALUES (${integrationId}, ${conversationId}, ${address}, ${replyTo}, CASE WHEN ${isWriter}::boolean THEN now() END)
    ON CONFLICT (integration_id, conversation_id, address) DO UPDATE SET reply_to = EXCLUDED.reply_to, wrote_at = now()
     WHERE ${isWriter}::boolean`;
}
