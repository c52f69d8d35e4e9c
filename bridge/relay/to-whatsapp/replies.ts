import type { Backoff } from '../../../shared/backoff.ts';
import type { Listener } from '../../../shared/database/listener.ts';
import { createGathering } from '../../../shared/gathering.ts';
import type { Logger } from '../../../shared/logging/logger.ts';
import { createSweep } from '../../../shared/turns.ts';
import type { LookBack } from '../../catch-up/look-back.ts';
import type { IntegrationSecrets } from '../../integrations/secrets.ts';
import type { IntegrationRow } from '../../integrations/store.ts';
import type { LeaseHolder } from '../../leases/leases.ts';
import { textsOf } from '../../texts/texts.ts';
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

interface Work {
  readonly queue: ReplyQueue;
  readonly reporter: Reporter;
}
interface Entry {
  row: IntegrationRow;
  /** Of `performance.now()`. */
  readonly acquiredAtMs: number;
  /** From when there was something to be sent or told: of thousands most have nothing for hours. */
  work?: Work;
}

/** Hundreds change hands at a time, and most have nothing to send. */
const ASKED_TOGETHER = { width: 1, most: 500, silentMs: 250 };
const KEPT_MS = 30 * 24 * 3_600_000;
const RETENTION_EVERY_MS = 3_600_000;

/**
 * Runs one queue and one reporter for each integration. They are woken by notification; a poll finds what a lost notification, a process
 * that died or a change by hand leaves.
 */
export function createReplies(deps: {
  listener: Listener;
  store: ReplyStore;
  reports: ReportStore;
  secrets: IntegrationSecrets;
  messages: ChatwootMessages;
  send: SendReply;
  lookBack: LookBack;
  onOutcome: (outcome: SendOutcome['kind']) => void;
  timing: BridgeTimeouts['replies'];
  relayPauses: Backoff;
  pollEveryMs: number;
  stopGraceMs: number;
  logger: Logger;
}): Replies {
  const { store, reports, secrets, logger } = deps;
  const entries = new Map<string, Entry>();
  const ending = new Set<Promise<void>>();
  const inFlight = new Set<string>();
  deps.listener.subscribe(REPLIES_CHANNEL, {
    onNotification: (id) => wake(id),
    onConnected: () => polls.wake(),
  });
  const polls = createSweep({
    everyMs: deps.pollEveryMs,
    async work() {
      for (const id of await store.busyOf([...entries.keys()])) wake(id);
    },
    onError: (error) => logger.warn({ reason: String(error) }, 'looking for replies failed, trying again'),
  });
  const retention = createSweep({
    everyMs: RETENTION_EVERY_MS,
    async work() {
      const count = await store.removeExpired(new Date(Date.now() - KEPT_MS));
      if (count > 0) logger.info({ count }, 'forgot replies that were settled long ago');
    },
    onError: (error) => logger.warn({ reason: String(error) }, 'forgetting old replies failed'),
  });
  let stopped = false;

  function wake(id: string): void {
    const entry = entries.get(id);
    if (entry === undefined) return;
    entry.work ??= begin(entry);
    entry.work.queue.wake();
    entry.work.reporter.wake();
  }

  const isBusy = createGathering<string, boolean>({
    ...ASKED_TOGETHER,
    ask: async (ids) => {
      const busy = new Set(await store.busyOf(ids));
      return ids.map((id) => busy.has(id));
    },
  });

  /** Looks only where there is something: five questions, which are asked again until they are answered. */
  async function wakeIfBusy(id: string): Promise<void> {
    if (await isBusy(id).catch(() => true)) wake(id);
  }

  function begin(entry: Entry): Work {
    const { id, leaseEpoch } = entry.row;
    const common = { integrationId: id, epoch: leaseEpoch, logger };
    const access = () => ({ ...secrets.accessOf(entry.row), texts: textsOf(entry.row) });
    const toChatwoot = { access, messages: deps.messages, pauses: deps.relayPauses };
    const queue = createReplyQueue({
      ...common,
      acquiredAtMs: entry.acquiredAtMs,
      inFlight,
      row: () => entry.row,
      store,
      send: deps.send,
      lookBack: deps.lookBack,
      onReport: () => reporter.wake(),
      onOutcome: deps.onOutcome,
      timing: deps.timing,
    });
    const reporter = createReporter({ ...common, ...toChatwoot, store: reports, onRetry: queue.wake });
    return { queue, reporter };
  }

  function end(id: string): void {
    const entry = entries.get(id);
    if (entry === undefined) return;
    entries.delete(id);
    if (entry.work === undefined) return;
    const { queue, reporter } = entry.work;
    const done: Promise<void> = Promise.all([queue.stop(deps.stopGraceMs), reporter.stop()]).then(() => {
      ending.delete(done);
    });
    ending.add(done);
  }

  return {
    onAcquired(row) {
      end(row.id);
      entries.set(row.id, { row, acquiredAtMs: performance.now() });
      void wakeIfBusy(row.id);
    },
    onChanged(row) {
      const entry = entries.get(row.id);
      if (entry === undefined) return;
      entry.row = row;
      void wakeIfBusy(row.id);
    },
    onStrayDue() {},
    onLost: end,

    start() {
      polls.start();
      retention.start();
    },
    async stop() {
      if (stopped) return;
      stopped = true;
      const swept = [polls.stop(), retention.stop()];
      for (const id of [...entries.keys()]) end(id);
      await Promise.all([...swept, ...ending]);
    },
  };
}
