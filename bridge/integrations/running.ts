import type { Logger } from '../../shared/logging/logger.ts';
import type { CallBudget, ChatwootAccess, ChatwootClient } from '../chatwoot/client.ts';
import type { LeaseHolder } from '../leases/leases.ts';
import type { StreamClient, StreamEvent } from '../stream/stream-client.ts';
import type { StreamAddress } from '../stream/stream-socket.ts';
import { BRIDGE_LIMITS } from '../timeouts.ts';
import { deleteStrayInboxes } from './inbox-deletion.ts';
import type { IntegrationSecrets } from './secrets.ts';
import type { IntegrationRow, IntegrationStore } from './store.ts';

/** An integration that this process runs. */
export interface RunningIntegration {
  readonly id: string;
  /** As it is now; its `leaseEpoch` tells the present holder of the lease from an earlier one. */
  row(): IntegrationRow;
  /** False once the lease is lost: nothing more may be done for it then. */
  isRunning(): boolean;
  /** Tells the api that Chatwoot has an event. */
  ack(sequence: number): void;
}

/** Takes the events of an integration; must not throw. An event that is not acknowledged comes again with the next connection. */
export type EventHandler = (integration: RunningIntegration, event: StreamEvent) => void;

export interface OpenStreamOptions {
  readonly after: bigint;
  readonly onEvent: (event: StreamEvent) => void;
  readonly logger: Logger;
}

export interface RunningIntegrations extends LeaseHolder {
  /** For how long the stream of one that is run here has been away: 0 while it is open. Undefined when it is not run here. */
  streamDownMs(id: string): number | undefined;
  /** The row of the one whose webhook address this is. */
  at(webhookKeyHash: string): IntegrationRow | undefined;
  counts(): { integrations: number; openStreams: number };
}

interface Entry {
  row: IntegrationRow;
  stream: StreamClient;
  running: boolean;
  readonly handle: RunningIntegration;
}

/** Runs what this process has the lease of: each integration has its event stream, and its events go to `onEvent`. */
export function createRunningIntegrations(deps: {
  store: IntegrationStore;
  secrets: IntegrationSecrets;
  chatwoot: (access: ChatwootAccess, budget: CallBudget) => ChatwootClient;
  openStream: (address: StreamAddress, options: OpenStreamOptions) => StreamClient;
  onEvent: EventHandler;
  signal: AbortSignal;
  logger: Logger;
}): RunningIntegrations {
  const entries = new Map<string, Entry>();
  /** By their webhook addresses, which stay. */
  const byAddress = new Map<string, Entry>();
  const sweeping = new Set<string>();
  /** Of which request the inboxes were looked for already, and are to be looked for once more. */
  const swept = new Map<string, number>();

  function openStream(row: IntegrationRow, onEvent: (event: StreamEvent) => void): StreamClient {
    const stream = deps.openStream(
      { ryzeapiUrl: row.ryzeapiUrl, instanceId: row.instanceId },
      {
        after: row.eventCursor,
        onEvent,
        logger: deps.logger.child({ integrationId: row.id, instance: row.instanceName }),
      },
    );
    stream.start();
    return stream;
  }

  function run(row: IntegrationRow): void {
    const onEvent = (event: StreamEvent) => {
      if (entry.running) deps.onEvent(entry.handle, event);
    };
    const entry: Entry = {
      row,
      stream: openStream(row, onEvent),
      running: true,
      handle: {
        id: row.id,
        row: () => entry.row,
        isRunning: () => entry.running,
        ack: (sequence) => entry.stream.ack(sequence),
      },
    };
    entries.set(row.id, entry);
    byAddress.set(row.webhookKeyHash, entry);
  }

  function end(id: string): void {
    const entry = entries.get(id);
    if (entry === undefined) return;
    entries.delete(id);
    byAddress.delete(entry.row.webhookKeyHash);
    entry.running = false;
    entry.stream.stop();
  }

  /** The row keeps its mark until this succeeds, so a failure is tried again at the next turn. */
  async function sweep(row: IntegrationRow, isLast: boolean): Promise<void> {
    const access = deps.secrets.accessOf(row);
    const client = deps.chatwoot(access, { endsAtMs: Date.now() + BRIDGE_LIMITS.removeMs, signal: deps.signal });
    const strays = await deleteStrayInboxes(row, client, deps.secrets);
    if (isLast) await deps.store.clearCreateSent(row);
    if (strays > 0) deps.logger.info({ integrationId: row.id, strays }, 'deleted inboxes that late answers had left');
  }

  return {
    onAcquired(row) {
      end(row.id);
      run(row);
      deps.logger.info({ integrationId: row.id, epoch: row.leaseEpoch }, 'runs an integration');
    },
    onChanged(row) {
      const entry = entries.get(row.id);
      if (entry === undefined) return;
      const hasMoved = entry.row.ryzeapiUrl !== row.ryzeapiUrl;
      entry.row = row;
      if (!hasMoved) return;
      end(row.id);
      run(row);
    },
    onStrayDue(row) {
      const sentAtMs = row.createSentAt?.getTime() ?? 0;
      const isLast = Date.now() - sentAtMs >= BRIDGE_LIMITS.lastInboxMs;
      if (sweeping.has(row.id) || (!isLast && swept.get(row.id) === sentAtMs)) return;
      sweeping.add(row.id);
      sweep(row, isLast)
        .then(() => swept.set(row.id, sentAtMs))
        .catch((error: unknown) => {
          const reason = error instanceof Error ? error.message : 'unknown';
          deps.logger.warn({ integrationId: row.id, reason }, 'could not look for inboxes of late answers yet');
        })
        .finally(() => sweeping.delete(row.id));
    },
    onLost(id) {
      end(id);
      swept.delete(id);
      deps.logger.info({ integrationId: id }, 'no longer runs an integration');
    },
    at: (webhookKeyHash) => byAddress.get(webhookKeyHash)?.row,
    streamDownMs: (id) => entries.get(id)?.stream.downMs(),
    counts: () => ({
      integrations: entries.size,
      openStreams: [...entries.values()].filter(({ stream }) => stream.downMs() === 0).length,
    }),
  };
}
