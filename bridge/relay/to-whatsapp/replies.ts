import { createListener, type Listener } from '../../../shared/database/listener.ts';
import type { Logger } from '../../../shared/logging/logger.ts';
import type { IntegrationSecrets } from '../../integrations/secrets.ts';
import type { IntegrationRow } from '../../integrations/store.ts';
import type { LeaseHolder } from '../../leases/leases.ts';
import type { BridgeTimeouts } from '../../timeouts.ts';
import type { ChatwootMessages } from './chatwoot-messages.ts';
import { REPLIES_CHANNEL, type SendOutcome } from './reply.ts';
import { createReplyQueue, type ReplyQueue } from './reply-queue.ts';
import type { ReplyStore } from './reply-store.ts';
import type { ReportStore } from './report-store.ts';
import { createReporter, type Reporter } from './reporter.ts';
import type { SendReply } from './send-reply.ts';

/** The replies of all integrations that this process has the lease of. */
export interface Replies extends LeaseHolder {
  start(): void;
  /** Nothing new is sent; what is being sent may finish. */
  stop(): Promise<void>;
}

interface Entry {
  row: IntegrationRow;
  readonly queue: ReplyQueue;
  readonly reporter: Reporter;
}

const POLL_MS = 2_000;
const KEPT_MS = 30 * 24 * 3_600_000;
const RETENTION_MS = 3_600_000;

/**
 * Runs one queue and one reporter for each integration. They are woken by notification; a poll finds what a lost notification, a process
 * that died or a change by hand leaves.
 */
export function createReplies(deps: {
  databaseUrl: string;
  store: ReplyStore;
  reports: ReportStore;
  secrets: IntegrationSecrets;
  messages: ChatwootMessages;
  send: SendReply;
  onOutcome: (outcome: SendOutcome['kind']) => void;
  timing: BridgeTimeouts['replies'];
  stopGraceMs: number;
  logger: Logger;
}): Replies {
  const { store, reports, secrets, logger } = deps;
  const entries = new Map<string, Entry>();
  const ending = new Set<Promise<void>>();
  const inFlight = new Set<string>();
  const listener: Listener = createListener({
    databaseUrl: deps.databaseUrl,
    channel: REPLIES_CHANNEL,
    onNotification: (id) => wake(id),
    onConnected: () => void poll(),
    logger,
  });
  let pollTimer: NodeJS.Timeout | undefined;
  let retentionTimer: NodeJS.Timeout | undefined;
  let polling: Promise<void> | undefined;
  let stopped = false;

  function wake(id: string): void {
    const entry = entries.get(id);
    entry?.queue.wake();
    entry?.reporter.wake();
  }

  function poll(): Promise<void> {
    polling ??= store
      .busyOf([...entries.keys()])
      .then((ids) => {
        for (const id of ids) wake(id);
      })
      .catch((error: unknown) => logger.warn({ reason: String(error) }, 'looking for replies failed, trying again'))
      .finally(() => {
        polling = undefined;
      });
    return polling;
  }

  async function removeExpired(): Promise<void> {
    const count = await store.removeExpired(new Date(Date.now() - KEPT_MS));
    if (count > 0) logger.info({ count }, 'forgot replies that were settled long ago');
  }

  function run(row: IntegrationRow): Entry {
    const common = { integrationId: row.id, epoch: row.leaseEpoch, logger };
    const entry: Entry = {
      row,
      queue: createReplyQueue({
        ...common,
        inFlight,
        row: () => entry.row,
        store,
        send: deps.send,
        onReport: () => entry.reporter.wake(),
        onOutcome: deps.onOutcome,
        timing: deps.timing,
      }),
      reporter: createReporter({
        ...common,
        access: () => {
          const { chatwootBaseUrl: baseUrl, chatwootAccountId: accountId } = entry.row;
          return { baseUrl, accountId, token: secrets.openToken(entry.row) };
        },
        store: reports,
        messages: deps.messages,
        onRetry: () => entry.queue.wake(),
      }),
    };
    return entry;
  }

  function end(id: string): void {
    const entry = entries.get(id);
    if (entry === undefined) return;
    entries.delete(id);
    const done: Promise<void> = Promise.all([entry.queue.stop(deps.stopGraceMs), entry.reporter.stop()]).then(() => {
      ending.delete(done);
    });
    ending.add(done);
  }

  return {
    onAcquired(row) {
      end(row.id);
      entries.set(row.id, run(row));
      wake(row.id);
    },
    onChanged(row) {
      const entry = entries.get(row.id);
      if (entry === undefined) return;
      entry.row = row;
      wake(row.id);
    },
    onStrayDue() {},
    onLost: end,

    start() {
      listener.start();
      pollTimer = setInterval(() => void poll(), POLL_MS);
      retentionTimer = setInterval(
        () =>
          void removeExpired().catch((error: unknown) => logger.warn({ reason: String(error) }, 'forgetting old replies failed')),
        RETENTION_MS,
      );
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      clearInterval(pollTimer);
      clearInterval(retentionTimer);
      for (const id of [...entries.keys()]) end(id);
      await Promise.all([listener.stop(), polling, ...ending]);
    },
  };
}
