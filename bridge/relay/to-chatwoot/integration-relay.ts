import type { Backoff } from '../../../shared/backoff.ts';
import type { Database } from '../../../shared/database/database.ts';
import type { GuardedAgents } from '../../../shared/http/guarded-agents.ts';
import type { Logger } from '../../../shared/logging/logger.ts';
import type { ChatwootClient } from '../../chatwoot/client.ts';
import { accountOf, type IntegrationRow } from '../../integrations/store.ts';
import type { Texts } from '../../texts/texts.ts';
import { FIRST_ACTION_PART } from '../action-parts.ts';
import type { ReplyKey } from '../source-id.ts';
import { createAdNotes } from './ad-attributes.ts';
import { createAvatarKeeper } from './avatar-keeper.ts';
import { createChatOfOriginal } from './chat-of-original.ts';
import { createCircuitBreaker } from './circuit-breaker.ts';
import { createContactCache } from './contact-cache.ts';
import { createContactDirectory } from './contact-directory.ts';
import { createNameKeeper } from './contact-name.ts';
import { createConversationAddresses } from './conversation-addresses.ts';
import { createConversations } from './conversations.ts';
import { createDeadLetters } from './dead-letters.ts';
import { createMessageDelivery, type ReplyEchoes } from './deliver-message.ts';
import { createNoteDelivery } from './deliver-note.ts';
import { createStatusDelivery } from './deliver-status.ts';
import { createDelivery } from './delivery.ts';
import { createEarlierPosts } from './earlier-posts.ts';
import { createEarlyEvents } from './early-events.ts';
import { createHealth } from './health.ts';
import { createHistories } from './histories.ts';
import { createHomes } from './homes.ts';
import type { TryOutcome } from './keyed-queue.ts';
import type { LastDeliveries } from './last-deliveries.ts';
import { createLids } from './lids.ts';
import { createMediaSources } from './media-sources.ts';
import { createMentionNames } from './mention-names.ts';
import { createMessageMap, type FindMessages } from './message-map.ts';
import { createPeople } from './people.ts';
import { createPipeline, type Pipeline } from './pipeline.ts';
import { createPostMessage } from './post-message.ts';
import type { PostingWrites } from './posting-writes.ts';
import { createPostings } from './postings.ts';
import { createUnprovenReplies } from './unproven-replies.ts';
import { createWholeEvents } from './whole-event.ts';

/** How long after an inbox was taken over somebody else may still post into it. */
const HANDOVER_MS = 15 * 60_000;

/** One integration's way from WhatsApp to Chatwoot, while this process has its lease. */
export interface IntegrationRelay extends Pipeline {
  /** Its row is another one: what waits is tried at once. */
  changed(): void;
  /** The contact has another conversation from now on; undefined: any may have. */
  conversationBegun(contactId: number | undefined): void;
  /** Takes away what stands in Chatwoot twice because it was repeated; best effort. */
  removeTwins(): Promise<void>;
}

export interface RelayDeps {
  /** As it is now. */
  row: () => IntegrationRow;
  client: ChatwootClient;
  /** What its agents read. */
  texts: () => Texts;
  ready: Promise<void>;
  database: Pick<Database, 'prisma' | 'pool'>;
  findMessages: FindMessages;
  postingWrites: PostingWrites;
  lastDeliveries: Pick<LastDeliveries, 'note'>;
  /** The accounts of Chatwoots take turns. */
  inTurn: (account: string, work: () => Promise<TryOutcome>) => Promise<TryOutcome>;
  agents: GuardedAgents;
  bridgeToken: string;
  onEcho: (key: ReplyKey, whatsappId: string) => Promise<void>;
  pauses: Backoff;
  /** Between tries to deliver a file that was left out. */
  filePauses: Backoff;
  /** An event carried nothing that anybody wrote or did. */
  onNothing: () => void;
  takesEffectWithinMs: number;
  earlyPatienceMs: number;
  logger: Logger;
}

/** Puts the parts together. Nothing is tried before `ready`. */
export function createIntegrationRelay(deps: RelayDeps): IntegrationRelay {
  const { database, row, client, texts, pauses, logger } = deps;
  const { prisma } = database;
  const { id: integrationId, instanceId } = row();

  const inboxId = () => row().inboxId ?? 0;
  const lids = createLids({ prisma, instanceId, integrationId });
  const cache = createContactCache({ prisma, integrationId, onRemembered: lids.learned });
  const map = createMessageMap({ prisma, findMessages: deps.findMessages, integrationId });
  const addresses = createConversationAddresses({ database, integrationId });
  const media = createMediaSources({ agents: deps.agents, bridgeToken: deps.bridgeToken, instance: row });
  const health = createHealth({ prisma, row: row(), lastDeliveries: deps.lastDeliveries, logger });
  const breaker = createCircuitBreaker(pauses);
  const echoes: ReplyEchoes = {
    onEcho: deps.onEcho,
    isSendingTo: async (addresses) =>
      (await prisma.bridgeReply.count({ where: { integrationId, state: 'sending', chat: { in: [...addresses] } } })) > 0,
    unprovenReply: createUnprovenReplies({ prisma, integrationId }),
  };
  const avatars = createAvatarKeeper({
    prisma,
    integrationId,
    client,
    media,
  });
  const noteAd = createAdNotes({ client, cache, map });
  const mentions = createMentionNames({ prisma, integrationId });
  const isDeletedHere = async (chatwootMessageId: number): Promise<boolean> =>
    (await prisma.bridgeReply.count({ where: { integrationId, chatwootMessageId, part: { gte: FIRST_ACTION_PART } } })) > 0;
  const { takesEffectWithinMs } = deps;
  const postings = createPostings({
    database,
    writes: deps.postingWrites,
    integrationId,
    leaseEpoch: () => row().leaseEpoch,
    takesEffectWithinMs,
    onWritten: addresses.wrote,
  });
  const earlier = createEarlierPosts({ client, map, postings, inboxId });
  const homes = createHomes({ rules: row });
  const histories = createHistories({ prisma, integrationId, client, addresses });
  const post = createPostMessage({
    client,
    map,
    postings,
    earlier,
    directory: createContactDirectory({ client, cache, inboxId, onDoubt: health.notice }),
    conversations: createConversations({ client, addresses, postings, inboxId }),
    histories,
    homes,
    rules: row,
    inboxId,
  });
  const early = createEarlyEvents({ prisma, integrationId, patienceMs: deps.earlyPatienceMs });
  /** Until the one before us is switched off, both hear of every message, and it may be told again later. */
  const mayStandThere = (sentAt: Date | undefined): boolean => {
    const { adoptedAt } = row();
    return adoptedAt !== null && (sentAt?.getTime() ?? Date.now()) < adoptedAt.getTime() + HANDOVER_MS;
  };
  const deliver = createDelivery({
    ignoresGroups: () => row().ignoreGroups,
    people: createPeople({ lids, cache }),
    early,
    histories,
    deliverMessage: createMessageDelivery({ integrationId, client, map, post, media, echoes, mentions, texts, mayStandThere }),
    chatOfOriginal: createChatOfOriginal({ map, cache }),
    deliverNote: createNoteDelivery({ map, post, early, isDeletedHere, texts }),
    deliverStatus: createStatusDelivery({ integrationId, client, map, echoes, texts }),
    keepName: createNameKeeper({ client, cache }),
    afterMessage: async (event, identity) => {
      await noteAd(event);
      avatars.keep(identity);
    },
    health,
    onNothing: deps.onNothing,
  });
  const pipeline = createPipeline({
    integrationId,
    chatwootUrl: () => row().chatwootBaseUrl,
    deliver,
    inTurn: (work) => deps.inTurn(accountOf(row()), work),
    deadLetters: createDeadLetters({ prisma, integrationId, filePauses: deps.filePauses }),
    early,
    health,
    breaker,
    wholeEvent: createWholeEvents({ bridgeToken: deps.bridgeToken, instance: row }),
    ready: deps.ready,
    pauses,
    logger,
  });

  return {
    ...pipeline,
    removeTwins: earlier.removeTwins,
    conversationBegun(contactId) {
      if (contactId === undefined) homes.dropAll();
      else homes.dropContact(contactId);
    },
    async stop() {
      await Promise.all([pipeline.stop(), avatars.stop()]);
    },
    changed() {
      homes.dropAll();
      breaker.reset();
      health.rewrite();
    },
  };
}
