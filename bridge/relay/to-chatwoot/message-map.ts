import type { PrismaClient } from '../../../shared/database/database.ts';
import type { BridgeMessage } from '../../../shared/database/generated/client.ts';

export type MappedMessage = Pick<
  BridgeMessage,
  'whatsappId' | 'direction' | 'chat' | 'conversationId' | 'chatwootMessageId' | 'status'
>;

export interface MessageMap {
  find(whatsappId: string): Promise<MappedMessage | null>;
  /** Those of them that are known, in no order. */
  findAll(whatsappIds: readonly string[]): Promise<MappedMessage[]>;
  /** The last message of a conversation that is known to have been posted by us. */
  lastMessageIn(conversationId: number): Promise<number | undefined>;
  /** The conversation that a chat was last written into. */
  lastConversationOf(chat: string): Promise<number | undefined>;
  setStatus(whatsappId: string, status: string): Promise<void>;
}

/** Which message of Chatwoot a message of WhatsApp is, for one integration. What came from WhatsApp is noted by postings.ts. */
export function createMessageMap({ prisma, integrationId }: { prisma: PrismaClient; integrationId: string }): MessageMap {
  const table = prisma.bridgeMessage;
  return {
    find: (whatsappId) => table.findUnique({ where: { integrationId_whatsappId: { integrationId, whatsappId } } }),
    findAll: (whatsappIds) => table.findMany({ where: { integrationId, whatsappId: { in: [...whatsappIds] } } }),
    async lastMessageIn(conversationId) {
      const last = await table.findFirst({
        where: { integrationId, conversationId, direction: 'to_chatwoot' },
        orderBy: { chatwootMessageId: 'desc' },
        select: { chatwootMessageId: true },
      });
      return last?.chatwootMessageId;
    },
    async lastConversationOf(chat) {
      const last = await table.findFirst({
        where: { integrationId, chat },
        orderBy: { createdAt: 'desc' },
        select: { conversationId: true },
      });
      return last?.conversationId;
    },
    async setStatus(whatsappId, status) {
      await table.updateMany({ where: { integrationId, whatsappId }, data: { status } });
    },
  };
}
