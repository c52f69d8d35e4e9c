import type { PrismaClient } from '../../../shared/database/database.ts';
import { type Fullness, fullnesses } from '../../../shared/engines/fullness.ts';
import { partialId } from '../source-id.ts';
import type { AskedMessages, MappedMessage } from './queries/find-messages.ts';

export type { MappedMessage } from './queries/find-messages.ts';

export type FindMessages = (asked: AskedMessages) => Promise<readonly MappedMessage[]>;

/** A part of a message that stands for all of it. */
export interface PartialMessage extends MappedMessage {
  readonly fullness: Fullness;
}

export interface MessageMap {
  find(whatsappId: string): Promise<MappedMessage | null>;
  /** Those of them that are known, in no order. */
  findAll(whatsappIds: readonly string[]): Promise<MappedMessage[]>;
  /** As `find`; where only part of it is known, what Chatwoot shows in its place. */
  findShown(whatsappId: string): Promise<MappedMessage | null>;
  /** All that Chatwoot shows of a message: itself, and what stands in its place until there is more of it. */
  findParts(
    whatsappId: string,
  ): Promise<{ readonly whole: MappedMessage | undefined; readonly partial: readonly PartialMessage[] }>;
  /** It is no longer in Chatwoot. */
  forget(whatsappId: string): Promise<void>;
  /** The last message of a conversation that is known to have been posted by us. */
  lastMessageIn(conversationId: number): Promise<number | undefined>;
  setStatus(whatsappId: string, status: string): Promise<void>;
}

/** Which message of Chatwoot a message of WhatsApp is, for one integration. What came from WhatsApp is noted by postings.ts. */
export function createMessageMap({
  prisma,
  findMessages,
  integrationId,
}: {
  prisma: PrismaClient;
  findMessages: FindMessages;
  integrationId: string;
}): MessageMap {
  const table = prisma.bridgeMessage;

  async function findParts(whatsappId: string): ReturnType<MessageMap['findParts']> {
    const ids = new Map(fullnesses.map((fullness) => [partialId(whatsappId, fullness), fullness]));
    const rows = await findMessages({ integrationId, whatsappIds: [whatsappId, ...ids.keys()] });
    return {
      whole: rows.find((row) => row.whatsappId === whatsappId),
      partial: [...ids].flatMap(([id, fullness]) =>
        rows.filter((row) => row.whatsappId === id).map((row) => ({ ...row, fullness })),
      ),
    };
  }

  return {
    find: async (whatsappId) => (await findMessages({ integrationId, whatsappIds: [whatsappId] }))[0] ?? null,
    findAll: async (whatsappIds) => [...(await findMessages({ integrationId, whatsappIds }))],
    async findShown(whatsappId) {
      const { whole, partial } = await findParts(whatsappId);
      return whole ?? partial.at(-1) ?? null;
    },
    findParts,
    async forget(whatsappId) {
      await table.deleteMany({ where: { integrationId, whatsappId } });
    },
    async lastMessageIn(conversationId) {
      const last = await table.findFirst({
        where: { integrationId, conversationId, direction: 'to_chatwoot' },
        orderBy: { chatwootMessageId: 'desc' },
        select: { chatwootMessageId: true },
      });
      return last?.chatwootMessageId;
    },
    async setStatus(whatsappId, status) {
      await table.updateMany({ where: { integrationId, whatsappId }, data: { status } });
    },
  };
}
