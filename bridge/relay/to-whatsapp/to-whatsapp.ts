import type { Backoff } from '../../../shared/backoff.ts';
import { createDatabaseClock } from '../../../shared/database/clock.ts';
import type { Database } from '../../../shared/database/database.ts';
import type { Listener } from '../../../shared/database/listener.ts';
import type { GuardedAgents } from '../../../shared/http/guarded-agents.ts';
import type { Logger } from '../../../shared/logging/logger.ts';
import type { LookBack } from '../../catch-up/look-back.ts';
import { type CallBudget, type ChatwootAccess, type ChatwootClient, createChatwootClient } from '../../chatwoot/client.ts';
import { REPORT_LIMITS } from '../../chatwoot/limits.ts';
import type { ChatwootTransport } from '../../chatwoot/transport.ts';
import type { IntegrationSecrets } from '../../integrations/secrets.ts';
import type { IntegrationRow, IntegrationStore } from '../../integrations/store.ts';
import type { BridgeTimeouts } from '../../timeouts.ts';
import { tellNews } from '../conversation-news.ts';
import type { ReplyKey } from '../source-id.ts';
import { createChatwootMessages } from './chatwoot-messages.ts';
import { createFileCheck } from './file-check.ts';
import { createInboxSecrets } from './inbox-secret.ts';
import { createMessageApi } from './message-api.ts';
import { createWebhookReceiver, type WebhookReceiver } from './receive-webhook.ts';
import { createRecipients } from './recipients.ts';
import { createReplies, type Replies } from './replies.ts';
import type { SendOutcome } from './reply.ts';
import { createReplyStore } from './reply-store.ts';
import { createReportStore } from './report-store.ts';
import { createSendReply } from './send-reply.ts';
import { createTakeEvent, type TakeEvent } from './take-event.ts';
import { createWebhookVerification } from './webhook-verification.ts';

export interface ToWhatsapp {
  /** Takes Chatwoot's webhooks; every process may. */
  readonly webhooks: WebhookReceiver;
  /** Takes what Chatwoot did not tell. */
  readonly takeEvent: TakeEvent;
  /** Sends what was taken; only the holder of an integration's lease does. */
  readonly replies: Replies;
  /** The engine has told of a message with this key: it is in WhatsApp, whatever became of the answer to our request. */
  readonly onEcho: (key: ReplyKey, whatsappId: string) => Promise<void>;
}

/** The way from Chatwoot to WhatsApp: an agent's message is stored, sent through the api once, and shown as failed where it was not. */
export function createToWhatsapp(deps: {
  database: Database;
  listener: Listener;
  store: IntegrationStore;
  /** The row of the integration with this webhook address, where this process runs it. */
  runsAt: (webhookKeyHash: string) => IntegrationRow | undefined;
  secrets: IntegrationSecrets;
  transport: ChatwootTransport;
  agents: GuardedAgents;
  chatwoot: (access: ChatwootAccess, budget: CallBudget) => ChatwootClient;
  /** See bridge/catch-up. */
  lookBack: LookBack;
  bridgeToken: string;
  /** Told of what came of each try to send. */
  onOutcome: (outcome: SendOutcome['kind']) => void;
  signal: AbortSignal;
  timing: BridgeTimeouts['replies'];
  relayPauses: Backoff;
  pollEveryMs: number;
  stopGraceMs: number;
  logger: Logger;
}): ToWhatsapp {
  const { database, store, secrets, timing, logger } = deps;
  const replyStore = createReplyStore({ ...database, holdBackMs: timing.holdBackMs });
  const reportStore = createReportStore(database);
  const budget = { endsAtMs: Number.POSITIVE_INFINITY, signal: deps.signal };
  const reporting = (access: ChatwootAccess) =>
    createChatwootClient({ transport: deps.transport, access: () => access, limits: REPORT_LIMITS, budget });
  const clock = createDatabaseClock(database);
  const renew = async (row: IntegrationRow, webhookSecret: string | null) =>
    store.renewWebhookSecret(row, webhookSecret, new Date(await clock.nowMs()));
  const inboxSecrets = createInboxSecrets({ secrets, renew, chatwoot: deps.chatwoot, logger });
  const verification = createWebhookVerification({ secrets, inboxSecrets, clock, logger });

  const takeEvent = createTakeEvent({
    recipients: createRecipients(database),
    replies: replyStore,
    reports: reportStore,
    logger,
  });

  return {
    webhooks: createWebhookReceiver({
      kept: deps.runsAt,
      byWebhookKey: store.byWebhookKey,
      proven: store.proven,
      verification,
      begun: (news) => tellNews(database.pool, news),
      takeEvent,
      logger,
    }),
    takeEvent,
    onEcho: async (key, whatsappId) => {
      await replyStore.settleSent(key, whatsappId);
    },
    replies: createReplies({
      listener: deps.listener,
      store: replyStore,
      reports: reportStore,
      secrets,
      messages: createChatwootMessages({ chatwoot: reporting }),
      send: createSendReply({
        api: createMessageApi({ bridgeToken: deps.bridgeToken }),
        store: replyStore,
        isFileMissing: createFileCheck({ agents: deps.agents }),
      }),
      lookBack: deps.lookBack,
      onOutcome: deps.onOutcome,
      timing,
      relayPauses: deps.relayPauses,
      pollEveryMs: deps.pollEveryMs,
      stopGraceMs: deps.stopGraceMs,
      logger,
    }),
  };
}
