import type { Database } from '../../../shared/database/database.ts';
import { cancelReplies } from './queries/cancel-replies.ts';
import { findDueReports } from './queries/due-reports.ts';
import { isBeingPosted } from './queries/is-being-posted.ts';
import { noteShownFailed } from './queries/note-shown-failed.ts';
import { acceptRetry, askRetry, findDueRetries } from './queries/retries.ts';
import { reviveUndelivered } from './queries/revive-undelivered.ts';
import { revokeSent } from './queries/revoke-sent.ts';
import type { DueReport, DueRetry, NewReplies } from './reply.ts';

export type ReportStore = ReturnType<typeof createReportStore>;

/** What Chatwoot does not know yet of the fate of its messages, and what people have decided about them. */
export function createReportStore({ pool, prisma }: Pick<Database, 'pool' | 'prisma'>) {
  return {
    askRetry: (replies: NewReplies) => askRetry(pool, replies),
    noteShownFailed: (integrationId: string, chatwootMessageId: number) =>
      noteShownFailed(pool, integrationId, chatwootMessageId),
    reviveUndelivered: (replies: NewReplies) => reviveUndelivered(pool, replies),
    dueRetries: (integrationId: string) => findDueRetries(pool, integrationId),
    acceptRetry: (integrationId: string, epoch: number, retry: DueRetry) => acceptRetry(pool, integrationId, epoch, retry),
    cancel: (integrationId: string, chatwootMessageId: number) => cancelReplies(pool, integrationId, chatwootMessageId),
    /** Has deleted in WhatsApp what was sent of a message, once. Resolves with how many parts of it those are. */
    revoke: (integrationId: string, chatwootMessageId: number) => revokeSent(pool, integrationId, chatwootMessageId),
    isBeingPosted: (integrationId: string, chatwootMessageId: number) => isBeingPosted(pool, integrationId, chatwootMessageId),
    dueReports: (integrationId: string) => findDueReports(pool, integrationId),

    /** It was no click on "retry" after all; or there is no longer anything that an operator could have sent again. Resolves with how many. */
    async refuseRetry(integrationId: string, epoch: number, { chatwootMessageId, by }: DueRetry): Promise<number> {
      const held = { integrationId, chatwootMessageId, integration: { leaseEpoch: epoch, state: 'active' } } as const;
      const { count } =
        by === 'agent'
          ? await prisma.bridgeReply.updateMany({ where: held, data: { retryRequestedAt: null } })
          : await prisma.bridgeDeadLetter.updateMany({
              where: { ...held, direction: 'to_whatsapp', state: 'requested' },
              data: { state: 'dead', reason: 'it was sent meanwhile, or is not stored any more' },
            });
      return count;
    },

    async noteAttempt(integrationId: string, { chatwootMessageId }: DueReport): Promise<void> {
      await prisma.bridgeReply.updateMany({
        where: { integrationId, chatwootMessageId },
        data: { reportAttempts: { increment: 1 } },
      });
    },

    /** Chatwoot knows, or never will. Something else may have to be told by now; that stays. */
    async endReport(integrationId: string, { chatwootMessageId, status }: DueReport): Promise<void> {
      await prisma.bridgeReply.updateMany({ where: { integrationId, chatwootMessageId, report: status }, data: { report: '' } });
      if (status === 'sent') {
        await prisma.bridgeMessage.updateMany({
          where: { integrationId, chatwootMessageId, shownFailed: true },
          data: { shownFailed: false },
        });
      }
    },
  };
}
