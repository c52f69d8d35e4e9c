import type { PrismaClient } from '../../../shared/database/database.ts';
import type { MessageEvent } from '../../../shared/engines/event.ts';
import { ownId } from '../../../shared/engines/own-id.ts';
import { FIRST_ACTION_PART } from '../action-parts.ts';
import { type ReplyKey, replyKey } from '../source-id.ts';
import { storedReplySchema } from '../to-whatsapp/reply.ts';

/** Later than this the same words are somebody's own. */
const RECENT_MS = 15 * 60_000;
const MOST = 50;

/**
 * Which reply of unknown outcome a message is that left the phone, and of which the engine does not say that it is ours: by the id that it
 * was sent under, where the engine takes one, else by its words.
 */
export function createUnprovenReplies({ prisma, integrationId }: { prisma: PrismaClient; integrationId: string }) {
  return async ({ id, body }: MessageEvent, addresses: readonly string[]): Promise<ReplyKey | undefined> => {
    const open = await prisma.bridgeReply.findMany({
      where: {
        integrationId,
        chat: { in: [...addresses] },
        // What was deleted while it was being sent has left all the same.
        state: { in: ['sending', 'unknown', 'ignored'] },
        whatsappId: null,
        part: { lt: FIRST_ACTION_PART },
        claimedAt: { gte: new Date(Date.now() - RECENT_MS) },
      },
      select: { integrationId: true, chatwootMessageId: true, part: true, payload: true },
      orderBy: { id: 'asc' },
      take: MOST,
    });
    const said = body.type === 'text' ? body.text.trim() : '';
    return (
      open.find((reply) => ownId(replyKey(reply)) === id) ?? open.find(({ payload }) => said !== '' && said === textOf(payload))
    );
  };
}

/** The words of a reply that is one text; undefined once it was deleted. */
function textOf(payload: unknown): string | undefined {
  const part = storedReplySchema.safeParse(payload).data?.part;
  return part !== undefined && 'kind' in part && part.kind === 'text' ? part.text.trim() : undefined;
}
