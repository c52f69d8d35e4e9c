import type { Database } from '../../../shared/database/database.ts';
import type { BridgeMember } from '../../../shared/database/generated/client.ts';
import { quotableId, type ReplyKey } from '../source-id.ts';
import { findBusyIntegrations } from './queries/busy-integrations.ts';
import {
  claimReplies,
  findOrphanedReplies,
  postponeReply,
  putOffReply,
  releaseUnknownClaims,
  yieldToOlder,
} from './queries/claim-replies.ts';
import { insertReplies } from './queries/insert-replies.ts';
import { nextReplyDueMs } from './queries/next-reply-due.ts';
import { removeExpiredReplies } from './queries/remove-expired-replies.ts';
import { settleFailedAction } from './queries/settle-action.ts';
import { settleFailed } from './queries/settle-failed.ts';
import { settleSent } from './queries/settle-sent.ts';
import type { ClaimedReply, NewReplies } from './reply.ts';

export type ReplyStore = ReturnType<typeof createReplyStore>;

/** The rows of replies, and every change of their state: each is one statement that names the state it starts from. */
export function createReplyStore({
  pool,
  prisma,
  holdBackMs,
}: Pick<Database, 'pool' | 'prisma'> & {
  /** Webhooks of one conversation overtake each other; an older message has so long to arrive. */
  holdBackMs: number;
}) {
  return {
    insert: (replies: NewReplies, untilMs: number) => insertReplies(pool, replies, holdBackMs, untilMs),
    claim: (integrationId: string, epoch: number, busy: readonly number[], limit: number) =>
      claimReplies(pool, integrationId, epoch, busy, limit),
    releaseUnknownClaims: (integrationId: string, epoch: number, running: readonly string[]) =>
      releaseUnknownClaims(pool, integrationId, epoch, running),
    orphans: (integrationId: string, epoch: number, running: readonly string[]) =>
      findOrphanedReplies(pool, integrationId, epoch, running),
    nextDueMs: (integrationId: string, busy: readonly number[]) => nextReplyDueMs(pool, integrationId, busy),
    yieldToOlder: (reply: ClaimedReply) => yieldToOlder(pool, reply),
    putOff: (reply: ClaimedReply, afterMs: number) => putOffReply(pool, reply, afterMs),
    postpone: (reply: ClaimedReply, reason: string, afterMs: number) => postponeReply(pool, reply, reason, afterMs),
    settleSent: (key: ReplyKey, whatsappId: string | undefined) => settleSent(pool, key, whatsappId),
    settleFailed: (reply: ClaimedReply, state: 'failed' | 'unknown', reason: string) => settleFailed(pool, reply, state, reason),
    settleFailedAction: (reply: ClaimedReply, reason: string) => settleFailedAction(pool, reply, reason),
    busyOf: (integrationIds: readonly string[]) => findBusyIntegrations(pool, integrationIds),
    removeExpired: (before: Date) => removeExpiredReplies(pool, before),

    /** Whether a claimed reply is still ours, right before it leaves. */
    async isOurs({ id, integrationId, epoch }: ClaimedReply): Promise<boolean> {
      const count = await prisma.bridgeReply.count({
        where: {
          id: BigInt(id),
          state: 'sending',
          claimedEpoch: epoch,
          integration: { id: integrationId, leaseEpoch: epoch, state: 'active' },
        },
      });
      return count > 0;
    },

    /** Whether nothing but history is in a conversation so far. */
    async isOnlyHistory(integrationId: string, conversationId: number): Promise<boolean> {
      const count = await prisma.bridgeHistory.count({ where: { integrationId, conversationId, state: { not: 'open' } } });
      return count > 0;
    },

    /** Who has written in a group, as far as it was seen. */
    membersOf: (integrationId: string, chat: string): Promise<Pick<BridgeMember, 'address' | 'name'>[]> =>
      prisma.bridgeMember.findMany({ where: { integrationId, chat }, select: { address: true, name: true } }),

    /** The id in WhatsApp of a message in Chatwoot. Of one with several parts that of the first. */
    async whatsappIdOf(integrationId: string, chatwootMessageId: number): Promise<string | undefined> {
      const message = await prisma.bridgeMessage.findFirst({
        where: { integrationId, chatwootMessageId },
        orderBy: [{ createdAt: 'asc' }, { whatsappId: 'asc' }],
        select: { whatsappId: true },
      });
      return message === null ? undefined : quotableId(message.whatsappId);
    },
  };
}
