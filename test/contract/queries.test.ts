import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import * as waitingEvents from '../../admin/console/queries/waiting-events.ts';
import * as insertActivation from '../../api/activation/queries/insert-activation.ts';
import * as readSettled from '../../api/activation/queries/read-settled.ts';
import * as findCaller from '../../api/auth/queries/find-caller.ts';
import * as replaceToken from '../../api/auth/queries/replace-token.ts';
import * as readWaiting from '../../api/chatwoot/queries/read-waiting.ts';
import * as dropIntegration from '../../api/deactivation/queries/drop-integration.ts';
import * as removeOldEvents from '../../api/events/queries/remove-old-events.ts';
import * as apiBacklog from '../../api/metrics/queries/backlog.ts';
import * as acknowledgeEvents from '../../api/stream/queries/acknowledge-events.ts';
import * as announceStream from '../../api/stream/queries/announce-stream.ts';
import * as claimEvents from '../../api/stream/queries/claim-events.ts';
import * as readStoredEvent from '../../api/stream/queries/read-stored-event.ts';
import * as waitingInstances from '../../api/stream/queries/waiting-instances.ts';
import * as accountWebhooks from '../../api/webhooks/queries/webhooks.ts';
import * as knownReplies from '../../bridge/catch-up/queries/known-replies.ts';
import * as marks from '../../bridge/catch-up/queries/marks.ts';
import * as recentConversations from '../../bridge/catch-up/queries/recent-conversations.ts';
import * as activateIntegration from '../../bridge/integrations/queries/activate.ts';
import * as beginRemoval from '../../bridge/integrations/queries/begin-removal.ts';
import * as byWebhookKey from '../../bridge/integrations/queries/by-webhook-key.ts';
import * as findForActivation from '../../bridge/integrations/queries/find-for-activation.ts';
import * as overview from '../../bridge/integrations/queries/overview.ts';
import * as writeInboxFault from '../../bridge/integrations/queries/write-inbox-fault.ts';
import * as leases from '../../bridge/leases/queries/leases.ts';
import * as locks from '../../bridge/leases/queries/locks.ts';
import * as processes from '../../bridge/leases/queries/processes.ts';
import * as bridgeBacklog from '../../bridge/metrics/queries/backlog.ts';
import * as notifications from '../../bridge/notifications/queries/notifications.ts';
import * as avatars from '../../bridge/relay/to-chatwoot/queries/avatars.ts';
import * as conversationOwners from '../../bridge/relay/to-chatwoot/queries/conversation-owners.ts';
import * as dueLetters from '../../bridge/relay/to-chatwoot/queries/due-letters.ts';
import * as earlyEvents from '../../bridge/relay/to-chatwoot/queries/early-events.ts';
import * as findMessages from '../../bridge/relay/to-chatwoot/queries/find-messages.ts';
import * as lastDeliveries from '../../bridge/relay/to-chatwoot/queries/last-deliveries.ts';
import * as lids from '../../bridge/relay/to-chatwoot/queries/lids.ts';
import * as postings from '../../bridge/relay/to-chatwoot/queries/postings.ts';
import * as removeExpired from '../../bridge/relay/to-chatwoot/queries/remove-expired.ts';
import * as writeAccountLocale from '../../bridge/relay/to-chatwoot/queries/write-account-locale.ts';
import * as writeHealth from '../../bridge/relay/to-chatwoot/queries/write-health.ts';
import * as busyIntegrations from '../../bridge/relay/to-whatsapp/queries/busy-integrations.ts';
import * as cancelReplies from '../../bridge/relay/to-whatsapp/queries/cancel-replies.ts';
import * as claimReplies from '../../bridge/relay/to-whatsapp/queries/claim-replies.ts';
import * as dueReports from '../../bridge/relay/to-whatsapp/queries/due-reports.ts';
import * as insertReplies from '../../bridge/relay/to-whatsapp/queries/insert-replies.ts';
import * as isBeingPosted from '../../bridge/relay/to-whatsapp/queries/is-being-posted.ts';
import * as nextReplyDue from '../../bridge/relay/to-whatsapp/queries/next-reply-due.ts';
import * as noteShownFailed from '../../bridge/relay/to-whatsapp/queries/note-shown-failed.ts';
import * as removeExpiredReplies from '../../bridge/relay/to-whatsapp/queries/remove-expired-replies.ts';
import * as retries from '../../bridge/relay/to-whatsapp/queries/retries.ts';
import * as reviveUndelivered from '../../bridge/relay/to-whatsapp/queries/revive-undelivered.ts';
import * as revokeSent from '../../bridge/relay/to-whatsapp/queries/revoke-sent.ts';
import * as settleAction from '../../bridge/relay/to-whatsapp/queries/settle-action.ts';
import * as settleFailed from '../../bridge/relay/to-whatsapp/queries/settle-failed.ts';
import * as settleSent from '../../bridge/relay/to-whatsapp/queries/settle-sent.ts';
import type { ClaimedReply, NewReplies } from '../../bridge/relay/to-whatsapp/reply.ts';
import { activationError } from '../../shared/activations/error.ts';
import * as claimRows from '../../shared/activations/queries/claim-rows.ts';
import * as findApplicant from '../../shared/activations/queries/find-applicant.ts';
import * as settleActivationFailed from '../../shared/activations/queries/settle-failed.ts';
import * as settleSucceeded from '../../shared/activations/queries/settle-succeeded.ts';
import * as settleUntried from '../../shared/activations/queries/settle-untried.ts';
import * as countAttempt from '../../shared/auth/queries/count-attempt.ts';
import { createDatabase, type Database } from '../../shared/database/database.ts';
import * as secrets from '../../shared/encryption/queries/secrets.ts';
import { apiSecrets, bridgeSecrets } from '../../shared/encryption/secret-columns.ts';
import * as storeEvent from '../../shared/events/queries/store-event.ts';
import * as storeEvents from '../../shared/events/queries/store-events.ts';
import * as noteConnection from '../../shared/instances/queries/note-connection.ts';
import * as noteUnread from '../../shared/instances/queries/note-unread.ts';
import { projectRoot } from '../../shared/project-root.ts';
import * as connections from '../../worker/engines/queries/connections.ts';
import * as webhooks from '../../worker/engines/queries/webhooks.ts';
import * as handOver from '../../worker/histories/queries/hand-over.ts';
import * as histories from '../../worker/histories/queries/histories.ts';
import * as collect from '../../worker/notifications/queries/collect.ts';
import * as deliveries from '../../worker/notifications/queries/deliveries.ts';
import * as mailbox from '../../worker/notifications/queries/mailbox.ts';
import { createTestDatabase } from '../support/database.ts';
import { fillTables } from '../support/many-rows.ts';
import { observeStatements, type Statement } from '../support/statements.ts';

const ID = 'int_1';
const TERMS = { owner: 'owner', validityMs: 1_000 };
const DELIVERY = { endpointId: 'whk_1', eventId: 'evt_1', attempts: 1 };
const REPLY: ClaimedReply = {
  id: '1',
  integrationId: ID,
  conversationId: 1,
  chatwootMessageId: 1,
  part: 0,
  chat: '5511',
  payload: {},
  attempts: 1,
  waitedMs: 0,
  epoch: 1,
};
const REPLIES: NewReplies = { integrationId: ID, conversationId: 1, chatwootMessageId: 1, chat: '5511', parts: [] };
const POSTING = {
  ...({ integrationId: ID, kind: 'message', key: 'k' } as const),
  ...{ contactId: 1, conversationId: 1, afterId: null, leaseEpoch: 1, endsInMs: 1_000 },
  address: { address: '1', replyTo: '1', isWriter: true },
};
const HISTORY = { instanceId: 'ins_1', claim: 1, engineKind: 'evolution' };
const EARLY = { integrationId: ID, originalId: 'a', key: 'b', engineKind: 'ryzeapi', payload: '{}', dueInMs: 1_000 };
const POSTED = { whatsappId: 'k', chat: '5511', conversationId: 1, chatwootMessageId: 1, contactId: 1 };
const ROW = { id: ID, state: 'active', replacesId: 'int_2' } as const;
const ACTIVATED = { inboxId: 1, inboxName: 'x', webhookSecret: null, eventCursor: 0, unsure: false };
const OWNER = { kind: 'instance', id: 'ins_1' } as const;
const INSTANCE = { id: 'ins_1', accountId: 'acc_1', name: 'support', engineKind: 'ryzeapi', engineName: null };
const WISH = { id: 'ewh_1', version: 0 };
const EVENT = {
  ...{ instanceId: 'ins_1', dedupeKey: 'k', chat: '5511', payload: '{}', outline: null },
  ...{ engineKind: 'ryzeapi', showsConnection: true },
};

const SETTINGS = {
  ...{ chatwootBaseUrl: 'https://chat.example.com', chatwootAccountId: 1, inboxName: 'x', deleteOldInbox: false },
  ...{ signMessages: true, ignoreGroups: false, startAsPending: false, reopenResolved: false },
};
const SUCCESS = {
  ...{
    instanceId: 'ins_1',
    activationId: 'act_1',
    attempt: 1,
    bridgeIntegrationId: ID,
    replaces: undefined,
    previousInbox: undefined,
    oldRelease: null,
  },
  ids: { integration: 'cwi_1', removals: ['rem_1', 'rem_2'] as const },
  integration: { chatwootInboxName: 'x', signMessages: true },
  wish: { wish_id: 'ewh_1', new_key: 'x', new_key_hash: 'x' },
  trace: [],
  entry: { attempt: 1, worker: 'w', startedAt: '2026-01-01T00:00:00.000Z', queueWaitMs: 0, outcome: 'succeeded' },
};

const FAILURE = activationError('internal', { requestId: 'req_1' });

/** Calls every function of a file with queries; they are named, so that one that is added is missed here by the compiler. */
type Calls<Module> = {
  readonly [Name in keyof Module as Module[Name] extends (...args: never[]) => unknown ? Name : never]: (
    database: Database,
  ) => Promise<unknown>;
};
type AnyModule = Readonly<Record<string, unknown>>;
const ofFile = <Module extends object>(_module: Module, calls: Calls<Module>) => ({ module: _module as AnyModule, calls });
const eachSecret = (run: (secret: (typeof apiSecrets)[number]) => Promise<unknown>) =>
  Promise.all([...apiSecrets, ...bridgeSecrets].map(run));

const FILES: Readonly<
  Record<string, { module: AnyModule; calls: Readonly<Record<string, (database: Database) => Promise<unknown>>> }>
> = {
  'shared/auth/queries/count-attempt.ts': ofFile(countAttempt, {
    countAttempt: async ({ prisma }) => {
      const count = () => countAttempt.countAttempt(prisma, 'network', 60_000);
      expect([await count(), await count()]).toEqual([1, 2]);
      await prisma.loginAttempts.updateMany({ data: { endsAt: new Date(0) } });
      expect([await count(), await count()]).toEqual([1, 2]);
      await prisma.loginAttempts.deleteMany();
    },
  }),
  'admin/console/queries/waiting-events.ts': ofFile(waitingEvents, {
    countWaitingEvents: ({ prisma }) => waitingEvents.countWaitingEvents(prisma, ['ins_1']),
  }),
  'api/activation/queries/insert-activation.ts': ofFile(insertActivation, {
    insertActivation: async ({ pool }) => {
      const row = { id: 'act_1', instanceId: 'ins_1', requestHash: 'x', settings: SETTINGS, chatwootToken: 'x', requestId: 'x' };
      const inserted = await insertActivation.insertActivation(pool, {
        ...row,
        deadlineAt: new Date(),
        idempotencyKey: 'k',
        heldMs: 0,
      });
      expect(inserted).toBe('no_instance');
    },
  }),
  'api/activation/queries/read-settled.ts': ofFile(readSettled, {
    readSettled: ({ pool }) => readSettled.readSettled(pool, ['act_1']),
  }),
  'api/chatwoot/queries/read-waiting.ts': ofFile(readWaiting, {
    readWaiting: ({ prisma }) => readWaiting.readWaiting(prisma, 'ins_1'),
  }),
  'api/events/queries/remove-old-events.ts': ofFile(removeOldEvents, {
    removeAcknowledgedEvents: ({ prisma }) => removeOldEvents.removeAcknowledgedEvents(prisma, 7),
    removeUnwantedEvents: ({ prisma }) => removeOldEvents.removeUnwantedEvents(prisma),
  }),
  'api/deactivation/queries/drop-integration.ts': ofFile(dropIntegration, {
    dropIntegration: ({ prisma }) =>
      dropIntegration.dropIntegration(prisma, INSTANCE, { reason: 'deactivated', oursForMs: 1_000 }),
  }),
  'api/auth/queries/find-caller.ts': ofFile(findCaller, {
    findCallers: ({ pool }) => findCaller.findCallers(pool, [{ tokenHash: 'hash', instanceName: 'support' }]),
    isTokenTaken: ({ prisma }) => findCaller.isTokenTaken(prisma, 'hash'),
  }),
  'api/auth/queries/replace-token.ts': ofFile(replaceToken, {
    replaceToken: ({ prisma }) => replaceToken.replaceToken(prisma, OWNER, { tokenHash: 'hash', overlapSeconds: 1 }),
    revokeTokens: ({ prisma }) => replaceToken.revokeTokens(prisma, OWNER, 'hash'),
  }),
  'api/stream/queries/read-stored-event.ts': ofFile(readStoredEvent, {
    readStoredEvent: ({ pool }) => readStoredEvent.readStoredEvent(pool, 'ins_1', 1).next(),
  }),
  'api/metrics/queries/backlog.ts': ofFile(apiBacklog, {
    countUnfinishedActivations: ({ prisma }) => apiBacklog.countUnfinishedActivations(prisma),
    countOpenRemovals: ({ prisma }) => apiBacklog.countOpenRemovals(prisma),
    countWaitingEvents: ({ prisma }) => apiBacklog.countWaitingEvents(prisma, 10),
  }),
  'api/stream/queries/acknowledge-events.ts': ofFile(acknowledgeEvents, {
    acknowledgeEvents: ({ pool }) => acknowledgeEvents.acknowledgeEvents(pool, [{ instanceId: 'ins_1', sequences: [1] }]),
    acknowledgeEventsUpTo: ({ pool }) => acknowledgeEvents.acknowledgeEventsUpTo(pool, 'ins_1', 1),
  }),
  'api/stream/queries/announce-stream.ts': ofFile(announceStream, {
    announceStream: ({ prisma }) => announceStream.announceStream(prisma, 'ins_1', 'stream'),
  }),
  'api/stream/queries/claim-events.ts': ofFile(claimEvents, {
    claimEvents: ({ pool }) => {
      const room = {
        instanceId: 'ins_1',
        except: [1],
        underWay: new Map([['5511', 1]]),
        events: 128,
        eventsOfChat: 16,
        bytes: 1_048_576,
        outlines: true,
      };
      return claimEvents.claimEvents(pool, [room]);
    },
  }),
  'api/stream/queries/waiting-instances.ts': ofFile(waitingInstances, {
    findWaitingInstances: ({ prisma }) => waitingInstances.findWaitingInstances(prisma, ['ins_1']),
  }),
  'bridge/integrations/queries/activate.ts': ofFile(activateIntegration, {
    activate: async ({ pool }) =>
      expect(
        await activateIntegration.activate(pool, ROW, ACTIVATED, { kept: undefined, lock: { owner: 'owner', fence: '1' } }),
      ).toBe(undefined),
  }),
  'bridge/integrations/queries/begin-removal.ts': ofFile(beginRemoval, {
    // One that is not there is none that can be removed.
    beginRemoval: ({ pool }) => expect(beginRemoval.beginRemoval(pool, ROW, { isUndoing: true })).rejects.toThrow(/Too small/),
  }),
  'bridge/integrations/queries/by-webhook-key.ts': ofFile(byWebhookKey, {
    findByWebhookKeys: async ({ pool }) => expect(await byWebhookKey.findByWebhookKeys(pool, ['hash'])).toEqual([null]),
  }),
  'bridge/integrations/queries/find-for-activation.ts': ofFile(findForActivation, {
    findForActivation: ({ pool }) => findForActivation.findForActivation(pool, { key: 'act_1', instanceId: 'ins_1' }),
  }),
  'bridge/integrations/queries/overview.ts': ofFile(overview, {
    countOpen: ({ prisma }) => overview.countOpen(prisma, [ID]),
    findTroubled: ({ prisma }) => overview.findTroubled(prisma, 10),
    countTraffic: ({ prisma }) => overview.countTraffic(prisma, ID),
  }),
  'bridge/integrations/queries/write-inbox-fault.ts': ofFile(writeInboxFault, {
    writeInboxFault: ({ prisma }) => writeInboxFault.writeInboxFault(prisma, { id: ID, leaseEpoch: 1 }, ''),
  }),
  'bridge/leases/queries/locks.ts': ofFile(locks, {
    takeLock: ({ pool }) => locks.takeLock(pool, TERMS, 'ins_1'),
    prolongLocks: ({ pool }) => locks.prolongLocks(pool, TERMS, ['1']),
    freeLock: ({ pool }) => locks.freeLock(pool, { owner: 'owner', fence: '1' }),
    freeAllLocks: ({ pool }) => locks.freeAllLocks(pool, 'owner'),
  }),
  'bridge/leases/queries/leases.ts': ofFile(leases, {
    claimLeases: ({ pool }) => leases.claimLeases(pool, 'owner'),
    readLeases: ({ pool }) => leases.readLeases(pool, 'owner', [ID]),
    reclaimLeases: ({ pool }) => leases.reclaimLeases(pool, 'owner', [ID]),
  }),
  'bridge/leases/queries/processes.ts': ofFile(processes, {
    registerProcess: ({ pool }) => processes.registerProcess(pool, TERMS),
    beat: ({ pool }) => processes.beat(pool, TERMS),
    freeOrphans: ({ pool }) => processes.freeOrphans(pool),
    leave: ({ pool }) => processes.leave(pool, 'owner'),
  }),
  'bridge/metrics/queries/backlog.ts': ofFile(bridgeBacklog, {
    countIntegrations: ({ prisma }) => bridgeBacklog.countIntegrations(prisma),
    countWaitingReplies: ({ prisma }) => bridgeBacklog.countWaitingReplies(prisma, 10),
  }),
  'bridge/relay/to-chatwoot/queries/early-events.ts': ofFile(earlyEvents, {
    insertEarlyEvent: ({ prisma }) => expect(earlyEvents.insertEarlyEvent(prisma, EARLY)).rejects.toThrow(/foreign key/i),
    dueEarlyEvents: ({ prisma }) => earlyEvents.dueEarlyEvents(prisma, ID, 10),
    integrationsWithDueEarlyEvents: ({ prisma }) => earlyEvents.integrationsWithDueEarlyEvents(prisma, [ID]),
  }),
  'bridge/relay/to-chatwoot/queries/lids.ts': ofFile(lids, {
    findLinks: ({ prisma }) => lids.findLinks(prisma, ID, { lid: '1@lid', number: undefined }),
    insertLink: ({ prisma }) => lids.insertLink(prisma, ID, { lid: '1@lid', number: '1' }),
    isKnownLid: ({ prisma }) => lids.isKnownLid(prisma, { instanceId: ID, integrationId: ID }, '1@lid'),
  }),
  'bridge/relay/to-chatwoot/queries/avatars.ts': ofFile(avatars, {
    claimAvatar: ({ prisma }) => avatars.claimAvatar(prisma, ID, ['5511']),
    writeAvatar: ({ prisma }) => avatars.writeAvatar(prisma, ID, 1, { hash: 'h', shownAt: '' }),
  }),
  'bridge/relay/to-chatwoot/queries/conversation-owners.ts': ofFile(conversationOwners, {
    findConversationOwners: ({ pool }) => conversationOwners.findConversationOwners(pool, ID, [1, 2]),
  }),
  'bridge/relay/to-chatwoot/queries/find-messages.ts': ofFile(findMessages, {
    findMessages: ({ pool }) => findMessages.findMessages(pool, [{ integrationId: ID, whatsappIds: ['3EB0', '3EB1'] }]),
  }),
  'bridge/relay/to-chatwoot/queries/last-deliveries.ts': ofFile(lastDeliveries, {
    writeLastDeliveries: ({ pool }) => lastDeliveries.writeLastDeliveries(pool, [{ integrationId: ID, at: new Date() }]),
  }),
  'bridge/relay/to-chatwoot/queries/due-letters.ts': ofFile(dueLetters, {
    dueLetters: ({ prisma }) => dueLetters.dueLetters(prisma, [ID], 10),
    integrationsWithDue: ({ prisma }) => dueLetters.integrationsWithDue(prisma, [ID]),
    scheduleRetry: ({ prisma }) => dueLetters.scheduleRetry(prisma, 'dlt_1', 1),
  }),
  'bridge/relay/to-chatwoot/queries/postings.ts': ofFile(postings, {
    findPosting: ({ prisma }) => postings.findPosting(prisma, POSTING),
    beginPostings: ({ pool }) => postings.beginPostings(pool, [{ ...POSTING, again: false }]),
    dismissPosting: ({ prisma }) => postings.dismissPosting(prisma, POSTING),
    extendPosting: ({ prisma }) => postings.extendPosting(prisma, POSTING, 1_000),
    recordPosted: ({ pool }) =>
      expect(postings.recordPosted(pool, [{ integrationId: ID, ...POSTED }])).rejects.toMatchObject({ code: '23503' }),
    repeatedPostings: ({ prisma }) => postings.repeatedPostings(prisma, ID, 1_000),
    integrationsWithRepeated: ({ prisma }) => postings.integrationsWithRepeated(prisma, [ID], 1_000),
  }),
  'bridge/relay/to-chatwoot/queries/remove-expired.ts': ofFile(removeExpired, {
    removeOldMessages: ({ prisma }) => removeExpired.removeOldMessages(prisma),
    removeMessagesOfRemoved: ({ prisma }) => removeExpired.removeMessagesOfRemoved(prisma),
    removeResentLetters: ({ prisma }) => removeExpired.removeResentLetters(prisma),
    removeOldPostings: ({ prisma }) => removeExpired.removeOldPostings(prisma),
    removeOldEarlyEvents: ({ prisma }) => removeExpired.removeOldEarlyEvents(prisma),
    removeAddressesOfRemoved: ({ prisma }) => removeExpired.removeAddressesOfRemoved(prisma),
  }),
  'bridge/relay/to-chatwoot/queries/write-account-locale.ts': ofFile(writeAccountLocale, {
    writeAccountLocale: ({ prisma }) => writeAccountLocale.writeAccountLocale(prisma, { id: ID, leaseEpoch: 1 }, 'pt_BR'),
  }),
  'bridge/relay/to-chatwoot/queries/write-health.ts': ofFile(writeHealth, {
    writeStatus: ({ prisma }) => writeHealth.writeStatus(prisma, { id: ID, leaseEpoch: 1 }, { status: 'active', lastError: '' }),
    writePhoneState: ({ prisma }) => writeHealth.writePhoneState(prisma, ID, ''),
  }),
  'bridge/relay/to-whatsapp/queries/busy-integrations.ts': ofFile(busyIntegrations, {
    findBusyIntegrations: ({ pool }) => busyIntegrations.findBusyIntegrations(pool, [ID]),
  }),
  'bridge/relay/to-whatsapp/queries/cancel-replies.ts': ofFile(cancelReplies, {
    cancelReplies: ({ pool }) => cancelReplies.cancelReplies(pool, ID, 1),
  }),
  'bridge/relay/to-whatsapp/queries/claim-replies.ts': ofFile(claimReplies, {
    claimReplies: ({ pool }) => claimReplies.claimReplies(pool, ID, 1, [], 10),
    findOrphanedReplies: ({ pool }) => claimReplies.findOrphanedReplies(pool, ID, 1, []),
    releaseUnknownClaims: ({ pool }) => claimReplies.releaseUnknownClaims(pool, ID, 1, []),
    yieldToOlder: ({ pool }) => claimReplies.yieldToOlder(pool, REPLY),
    putOffReply: ({ pool }) => claimReplies.putOffReply(pool, REPLY, 1),
    postponeReply: ({ pool }) => claimReplies.postponeReply(pool, REPLY, 'reason', 1),
  }),
  'bridge/relay/to-whatsapp/queries/due-reports.ts': ofFile(dueReports, {
    findDueReports: ({ pool }) => dueReports.findDueReports(pool, ID),
  }),
  'bridge/relay/to-whatsapp/queries/insert-replies.ts': ofFile(insertReplies, {
    // The integration it belongs to does not exist: PostgreSQL says so only once it has understood the whole statement.
    insertReplies: ({ pool }) =>
      expect(insertReplies.insertReplies(pool, REPLIES, 0, performance.now() + 5_000)).rejects.toMatchObject({ code: '23503' }),
  }),
  'bridge/relay/to-whatsapp/queries/next-reply-due.ts': ofFile(nextReplyDue, {
    nextReplyDueMs: ({ pool }) => nextReplyDue.nextReplyDueMs(pool, ID, []),
  }),
  'bridge/relay/to-whatsapp/queries/remove-expired-replies.ts': ofFile(removeExpiredReplies, {
    removeExpiredReplies: ({ pool }) => removeExpiredReplies.removeExpiredReplies(pool, new Date(0)),
  }),
  'bridge/relay/to-whatsapp/queries/retries.ts': ofFile(retries, {
    askRetry: ({ pool }) => retries.askRetry(pool, REPLIES),
    findDueRetries: ({ pool }) => retries.findDueRetries(pool, ID),
    acceptRetry: ({ pool }) => retries.acceptRetry(pool, ID, 1, { conversationId: 1, chatwootMessageId: 1, by: 'agent' }),
  }),
  'bridge/relay/to-whatsapp/queries/note-shown-failed.ts': ofFile(noteShownFailed, {
    noteShownFailed: ({ pool }) => noteShownFailed.noteShownFailed(pool, ID, 1),
  }),
  'bridge/catch-up/queries/known-replies.ts': ofFile(knownReplies, {
    findKnownReplies: ({ pool }) => knownReplies.findKnownReplies(pool, ID, [1]),
  }),
  'bridge/catch-up/queries/marks.ts': ofFile(marks, {
    readMark: ({ pool }) => marks.readMark(pool, ID),
    raiseMark: ({ pool }) => marks.raiseMark(pool, ID, 1, 1),
  }),
  'bridge/catch-up/queries/recent-conversations.ts': ofFile(recentConversations, {
    findRecentConversations: ({ pool }) => recentConversations.findRecentConversations(pool, ID, 1_000, 1),
  }),
  'bridge/relay/to-whatsapp/queries/revive-undelivered.ts': ofFile(reviveUndelivered, {
    reviveUndelivered: ({ pool }) => reviveUndelivered.reviveUndelivered(pool, REPLIES),
  }),
  'bridge/relay/to-whatsapp/queries/settle-failed.ts': ofFile(settleFailed, {
    settleFailed: ({ pool }) => settleFailed.settleFailed(pool, REPLY, 'failed', 'reason'),
  }),
  'bridge/relay/to-whatsapp/queries/is-being-posted.ts': ofFile(isBeingPosted, {
    isBeingPosted: ({ pool }) => isBeingPosted.isBeingPosted(pool, ID, 1),
  }),
  'bridge/relay/to-whatsapp/queries/revoke-sent.ts': ofFile(revokeSent, {
    revokeSent: ({ pool }) => revokeSent.revokeSent(pool, ID, 1),
  }),
  'bridge/relay/to-whatsapp/queries/settle-action.ts': ofFile(settleAction, {
    settleFailedAction: ({ pool }) => settleAction.settleFailedAction(pool, REPLY, 'reason'),
  }),
  'bridge/relay/to-whatsapp/queries/settle-sent.ts': ofFile(settleSent, {
    settleSent: ({ pool }) => settleSent.settleSent(pool, REPLY, 'wa'),
  }),
  'shared/activations/queries/claim-rows.ts': ofFile(claimRows, {
    claimRows: ({ pool }) => claimRows.claimRows(pool, ['act_1']),
  }),
  'shared/activations/queries/find-applicant.ts': ofFile(findApplicant, {
    findApplicants: ({ pool }) => findApplicant.findApplicants(pool, ['act_1']),
  }),
  'shared/activations/queries/settle-failed.ts': ofFile(settleActivationFailed, {
    settleFailed: ({ pool }) =>
      settleActivationFailed.settleFailed(pool, { activationId: 'act_1', attempt: 1, error: FAILURE, trace: [], undo: true }),
  }),
  'shared/activations/queries/settle-untried.ts': ofFile(settleUntried, {
    settleUntried: ({ pool }) => settleUntried.settleUntried(pool, 'w', [{ id: 'act_1', error: FAILURE }]),
  }),
  'shared/activations/queries/settle-succeeded.ts': ofFile(settleSucceeded, {
    settleSucceeded: ({ pool }) => settleSucceeded.settleSucceeded(pool, [SUCCESS]),
  }),
  'shared/events/queries/store-events.ts': ofFile(storeEvents, {
    storeEvents: ({ pool }) => storeEvents.storeEvents(pool, [EVENT]),
  }),
  'shared/events/queries/store-event.ts': ofFile(storeEvent, {
    storeEvent: ({ pool }) => storeEvent.storeEvent(pool, EVENT),
  }),
  'shared/instances/queries/note-connection.ts': ofFile(noteConnection, {
    noteConnection: ({ prisma }) => noteConnection.noteConnection(prisma, 'ins_1', { state: 'connected', told: 'open' }),
  }),
  'shared/instances/queries/note-unread.ts': ofFile(noteUnread, {
    noteUnread: ({ prisma }) => noteUnread.noteUnread(prisma, 'ins_1', 'body: is missing'),
  }),
  'worker/engines/queries/connections.ts': ofFile(connections, {
    claimConnections: ({ prisma }) => connections.claimConnections(prisma, { kinds: ['gowa'], limit: 10, everySeconds: 60 }),
  }),
  'worker/engines/queries/webhooks.ts': ofFile(webhooks, {
    claimWebhooks: ({ prisma }) => webhooks.claimWebhooks(prisma, { limit: 10, claimMs: 1_000 }),
    keepPrevious: ({ prisma }) => webhooks.keepPrevious(prisma, WISH, 'x'),
    settleWebhook: ({ prisma }) => webhooks.settleWebhook(prisma, WISH, ['x']),
    lookAgain: ({ prisma }) => webhooks.lookAgain(prisma, { kinds: ['waha'], afterMs: 600_000 }),
    forgetWebhook: ({ prisma }) => webhooks.forgetWebhook(prisma, WISH),
    postponeWebhook: ({ prisma }) => webhooks.postponeWebhook(prisma, WISH, { lastError: 'x', delayMs: 1_000 }),
    previousOfKey: ({ prisma }) => webhooks.previousOfKey(prisma, 'x'),
  }),
  'worker/notifications/queries/collect.ts': ofFile(collect, {
    isAnybodyTold: ({ prisma }) => collect.isAnybodyTold(prisma),
    notifyEndpoints: ({ prisma }) =>
      collect.notifyEndpoints(prisma, [{ id: 'evt_1', type: 'integration.error', instanceId: 'ins_1', facts: {}, ageMs: 0.5 }]),
  }),
  'worker/notifications/queries/deliveries.ts': ofFile(deliveries, {
    claimDeliveries: ({ prisma }) => deliveries.claimDeliveries(prisma, { limit: 50, perEndpoint: 2, claimMs: 1_000 }),
    settleDelivered: ({ prisma }) => deliveries.settleDelivered(prisma, DELIVERY, { status: 204, detail: 'HTTP 204' }),
    settleFailed: async ({ prisma }) => {
      await deliveries.settleFailed(prisma, DELIVERY, { status: undefined, detail: 'x' }, 1_000);
      await deliveries.settleFailed(prisma, DELIVERY, { status: 500, detail: 'x' }, undefined);
    },
    noteWorking: ({ prisma }) => deliveries.noteWorking(prisma, 'whk_1'),
    noteFailing: ({ prisma }) => deliveries.noteFailing(prisma, 'whk_1', { detail: 'x', disableAfterMs: 1_000 }),
    removeOldDeliveries: ({ prisma }) => deliveries.removeOldDeliveries(prisma, 7, new AbortController().signal),
  }),
  'worker/notifications/queries/mailbox.ts': ofFile(mailbox, {
    openMailbox: ({ prisma }) => mailbox.openMailbox(prisma, ['integration.error']),
    claimMail: ({ prisma }) => mailbox.claimMail(prisma, { limit: 10, claimMs: 1_000 }),
    settleMailed: ({ prisma }) =>
      mailbox.settleMailed(prisma, [{ eventId: 'evt_1', type: 'x', facts: {}, occurredAt: new Date(0) }], 1_000),
    postponeMail: ({ prisma }) => mailbox.postponeMail(prisma, 1_000),
    closeMailbox: ({ prisma }) => mailbox.closeMailbox(prisma),
  }),
  'api/webhooks/queries/webhooks.ts': ofFile(accountWebhooks, {
    lockAccount: ({ prisma }) => accountWebhooks.lockAccount(prisma, 'acc_1'),
    replaceSecret: ({ prisma }) => accountWebhooks.replaceSecret(prisma, 'whk_1', 'x'),
    redeliver: ({ prisma }) => accountWebhooks.redeliver(prisma, 'whk_1', 'evt_1'),
  }),
  'bridge/notifications/queries/notifications.ts': ofFile(notifications, {
    fetchNotifications: ({ prisma }) => notifications.fetchNotifications(prisma, { lastingMs: 1_000, limit: 200 }),
    forgetNotifications: ({ prisma }) => notifications.forgetNotifications(prisma, ['evt_1']),
    removeOldNotifications: ({ prisma }) => notifications.removeOldNotifications(prisma),
    tellSetAside: ({ pool }) => pool.query(notifications.tellSetAside('bridge_dead_letters')),
    tellOfLetter: ({ prisma }) => notifications.tellOfLetter(prisma, 'dlt_1'),
  }),
  'worker/histories/queries/hand-over.ts': ofFile(handOver, {
    joinChats: ({ prisma }) => handOver.joinChats(prisma, 'ins_1'),
    countUnacknowledged: ({ prisma }) => handOver.countUnacknowledged(prisma, 'ins_1', 8),
    nextMessages: ({ prisma }) => handOver.nextMessages(prisma, 'ins_1', { most: 8, perMinute: 150 }),
    noteHandedOver: ({ prisma }) => handOver.noteHandedOver(prisma, 'ins_1', ['message:a']),
    dropWaiting: ({ prisma }) => handOver.dropWaiting(prisma, 'ins_1'),
    endedChats: async ({ prisma }) => {
      await handOver.endedChats(prisma, 'ins_1', undefined);
      await handOver.endedChats(prisma, 'ins_1', ['5511']);
    },
    isUnderWay: ({ prisma }) => handOver.isUnderWay(prisma, 'ins_1', 'history:'),
  }),
  'worker/histories/queries/histories.ts': ofFile(histories, {
    claimHistories: ({ prisma }) => histories.claimHistories(prisma, { limit: 4, claimMs: 1_000 }),
    storePage: ({ pool }) => {
      const message = { dedupeKey: 'message:a', chat: '5511', place: '{}', sentAt: new Date(0), payload: '{}' };
      return histories.storePage(pool, HISTORY, { messages: [message], next: null, isCut: false, claimMs: 1_000 });
    },
    postponeReading: ({ prisma }) => histories.postponeReading(prisma, HISTORY, { lastError: 'x', delayMs: 1_000, isEnd: false }),
    giveBack: ({ prisma }) => histories.giveBack(prisma, HISTORY, 1_000),
    finishHistory: async ({ prisma }) => {
      await histories.finishHistory(prisma, HISTORY, undefined);
      await histories.finishHistory(prisma, HISTORY, { state: 'unable', lastError: 'x' });
    },
  }),
  'shared/encryption/queries/secrets.ts': ofFile(secrets, {
    countSecretsByKey: ({ pool }) => eachSecret((secret) => secrets.countSecretsByKey(pool, secret)),
    sampleSecrets: ({ pool }) => eachSecret((secret) => secrets.sampleSecrets(pool, secret)),
    readSecrets: ({ pool }) => eachSecret((secret) => secrets.readSecrets(pool, secret, '')),
    replaceSecrets: ({ pool }) =>
      eachSecret((secret) => secrets.replaceSecrets(pool, secret, [{ id: 'x', old: 'a', fresh: 'b' }])),
  }),
};

describe('every query of PostgreSQL that is written by hand', () => {
  let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
  let database: Database;

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    database = createDatabase({ url: testDatabase.url, poolSize: 4 });
  });
  afterAll(async () => {
    await database?.stop();
    await testDatabase?.drop();
  });

  it('is run by this test', async () => {
    const found: string[] = [];
    for (const room of ['admin', 'api', 'worker', 'bridge', 'shared']) {
      const names = await readdir(join(projectRoot, room), { recursive: true });
      found.push(...names.filter((name) => /(^|\/)queries\/[^/]+\.ts$/.test(name)).map((name) => `${room}/${name}`));
    }
    expect(found.sort()).toEqual(Object.keys(FILES).sort());
    for (const { module, calls } of Object.values(FILES)) {
      const functions = Object.keys(module).filter((name) => typeof module[name] === 'function');
      expect(Object.keys(calls).sort()).toEqual(functions.sort());
    }
  });

  it.each(Object.keys(FILES))('understands the tables as they are: %s', async (file) => {
    for (const call of Object.values(FILES[file]?.calls ?? {})) await call(database);
  });
});

/** Tables of a few rows, whatever there is of everything else. */
const SMALL = ['bridge_processes', 'bridge_locks', 'login_attempts'];
/** What reads a table from its beginning to its end, and why it may. */
const WHOLE: Readonly<Record<string, string>> = {
  'bridge/notifications/queries/notifications.ts fetchNotifications': 'what is to be told is all there is of them',
  'bridge/notifications/queries/notifications.ts tellSetAside': 'the statement that it is part of names the rows',
  'worker/notifications/queries/collect.ts isAnybodyTold': 'ends with the first',
  'worker/notifications/queries/deliveries.ts claimDeliveries':
    'a row is there for each webhook of an account, and what is due is found by an index',
  'bridge/integrations/queries/overview.ts findTroubled':
    'a page of the operators asks for it, and a row is there for each customer',
  'bridge/leases/queries/processes.ts beat': 'frees all that a process had which has died, and reads none while none has',
  'bridge/leases/queries/processes.ts freeOrphans': 'looks at who has each integration, while no other work is done',
  'bridge/metrics/queries/backlog.ts countIntegrations': 'counts all of them',
  'bridge/relay/to-chatwoot/queries/remove-expired.ts removeOldPostings': 'what is under way is all there is of them',
  'shared/encryption/queries/secrets.ts countSecretsByKey': 'a rotation of keys reads every secret',
  'shared/encryption/queries/secrets.ts sampleSecrets': 'one secret of each key, at the start',
  'shared/encryption/queries/secrets.ts readSecrets': 'a rotation of keys reads every secret',
};

/** What names one row, instance or integration and yet may read an index of what is unfinished as a whole, and why. */
const SEARCHES: Readonly<Record<string, string>> = {
  'api/events/queries/remove-old-events.ts removeUnwantedEvents': 'a sweep over whatever nobody has read',
  'api/stream/queries/waiting-instances.ts findWaitingInstances': 'asks for all streams of a process',
  'bridge/relay/to-whatsapp/queries/busy-integrations.ts findBusyIntegrations': 'asks for all that a process takes over',
  'shared/activations/queries/settle-succeeded.ts settleSucceeded': 'the imports that are under way are few',
  'worker/histories/queries/histories.ts claimHistories': 'the engines that are to be told something are few',
};

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Index Cond'?: string;
  readonly Filter?: string;
  readonly 'Join Filter'?: string;
  readonly 'Hash Cond'?: string;
  readonly Plans?: readonly Plan[];
}
const scannedBy = (plan: Plan): string[] => [
  ...(plan['Node Type'] === 'Seq Scan' ? [plan['Relation Name'] ?? ''] : []),
  ...(plan.Plans ?? []).flatMap(scannedBy),
];

const NAMES_ONE = /\b(id|instance_id|integration_id) = /;
/** The indexes that are read from their beginning to their end to find what is named by its key; `conditions` are those of the steps above. */
const searchedBy = (plan: Plan, conditions: readonly string[] = []): string[] => {
  const all = [...conditions, plan.Filter ?? '', plan['Join Filter'] ?? '', plan['Hash Cond'] ?? ''];
  const { 'Index Name': index, 'Index Cond': condition } = plan;
  const isSearched = condition === undefined && all.some((one) => NAMES_ONE.test(one));
  return [...(index !== undefined && isSearched ? [index] : []), ...(plan.Plans ?? []).flatMap((part) => searchedBy(part, all))];
};

/** PostgreSQL plans so often with the values at hand before it compares that with a plan for any values, and keeps to the cheaper one. */
const CUSTOM_PLANS = 5;

describe('with many rows in every table', () => {
  let testDatabase: Awaited<ReturnType<typeof createTestDatabase>>;
  let database: Database;
  let statements: Statement[] = [];
  let stopObserving = () => {};

  beforeAll(async () => {
    testDatabase = await createTestDatabase();
    await fillTables(testDatabase.url);
    database = createDatabase({ url: testDatabase.url, poolSize: 4 });
    stopObserving = observeStatements((statement) => statements.push(statement));
  });
  afterAll(async () => {
    stopObserving();
    await database?.stop();
    await testDatabase?.drop();
  });

  /** The tables that the statements of a call read as a whole, as PostgreSQL would run them, and the indexes. */
  async function scanned(
    call: (database: Database) => Promise<unknown>,
  ): Promise<{ tables: readonly string[]; indexes: readonly string[] }> {
    statements = [];
    await call(database);
    const tables: string[] = [];
    const indexes: string[] = [];
    for (const { text, values } of statements.filter((one) => /^\s*(SELECT|WITH|INSERT|UPDATE|DELETE)/i.test(one.text))) {
      const { rows } = await database.pool.query<{ 'QUERY PLAN': [{ Plan: Plan }] }>(`EXPLAIN (FORMAT JSON) ${text}`, [
        ...values,
      ]);
      const plans = rows.map((row) => row['QUERY PLAN'][0].Plan);
      tables.push(...plans.flatMap(scannedBy));
      indexes.push(...plans.flatMap((plan) => searchedBy(plan)));
    }
    return { tables: tables.filter((table) => !SMALL.includes(table)), indexes };
  }

  it('each finds its own by an index', async () => {
    const all: string[] = [];
    for (const [file, { calls }] of Object.entries(FILES)) {
      for (const [name, call] of Object.entries(calls)) {
        const { tables, indexes } = await scanned(call);
        if (WHOLE[`${file} ${name}`] === undefined) all.push(...tables.map((table) => `${file} ${name}: ${table}`));
        if (SEARCHES[`${file} ${name}`] === undefined) all.push(...indexes.map((index) => `${file} ${name}: ${index}`));
      }
    }
    expect(all).toEqual([]);
  });

  it('each that is prepared is planned a few times a connection, and not each time', async () => {
    const single = createDatabase({ url: testDatabase.url, poolSize: 1 });
    const planned = new Map<string, string>();
    try {
      for (const [file, { calls }] of Object.entries(FILES)) {
        for (const [name, call] of Object.entries(calls)) {
          statements = [];
          await call(single);
          const prepared = statements.flatMap((one) => one.name ?? []).filter((one) => !planned.has(one));
          for (const one of prepared) planned.set(one, `${file} ${name}`);
          for (let times = 0; times < 2 * CUSTOM_PLANS && prepared.length > 0; times += 1) await call(single);
        }
      }
      const { rows } = await single.pool.query<{ name: string }>(
        'SELECT name FROM pg_prepared_statements WHERE name = ANY ($1) AND custom_plans > $2',
        [[...planned.keys()], CUSTOM_PLANS],
      );
      expect(planned.size).toBeGreaterThan(20);
      expect(rows.map(({ name }) => `${planned.get(name)}: ${name}`)).toEqual([]);
    } finally {
      await single.stop();
    }
  });
});
