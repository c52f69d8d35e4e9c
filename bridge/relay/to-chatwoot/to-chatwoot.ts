import { setTimeout as delay } from 'node:timers/promises';
import type { Backoff } from '../../../shared/backoff.ts';
import type { Database } from '../../../shared/database/database.ts';
import type { Listener } from '../../../shared/database/listener.ts';
import { createFairTurns } from '../../../shared/fair-turns.ts';
import { createGathering } from '../../../shared/gathering.ts';
import type { GuardedAgents } from '../../../shared/http/guarded-agents.ts';
import type { Logger } from '../../../shared/logging/logger.ts';
import { createSweep } from '../../../shared/turns.ts';
import type { ChatwootTransport } from '../../chatwoot/transport.ts';
import type { EventHandler } from '../../integrations/running.ts';
import type { IntegrationSecrets } from '../../integrations/secrets.ts';
import type { IntegrationRow } from '../../integrations/store.ts';
import type { LeaseHolder } from '../../leases/leases.ts';
import { listenForNews } from '../conversation-news.ts';
import type { ReplyKey } from '../source-id.ts';
import { integrationsWithRequests } from './dead-letters.ts';
import { createLastDeliveries } from './last-deliveries.ts';
import { createPostingWrites } from './posting-writes.ts';
import { integrationsWithDueEarlyEvents } from './queries/early-events.ts';
import { type AskedMessages, findMessages, type MappedMessage } from './queries/find-messages.ts';
import { integrationsWithRepeated } from './queries/postings.ts';
import { createRelayedIntegration, type RelayedIntegration } from './relayed-integration.ts';
import { removeExpired } from './retention.ts';

/** The way from WhatsApp to Chatwoot, for all integrations that this process has the lease of. */
export interface ToChatwoot extends LeaseHolder {
  readonly onEvent: EventHandler;
  start(): void;
  /** Begins nothing more; resolves when what is under way has ended, or after `stopGraceMs`. */
  stop(): Promise<void>;
}

/** Every event asks first whether it is there already. */
const LOOKED_UP_TOGETHER = { width: 1, most: 100, silentMs: 250 };
/**
 * Messages that are on their way into Chatwoot at a time, of all integrations: enough to keep both busy, and so few that what comes of somebody
 * else waits for a moment and not behind a thousand. One that waits for a network lets the next begin.
 */
const TURNS = { width: 32, heldMs: 500 };
/** How old the time of the last message may be that `list` shows. */
const DELIVERIES_EVERY_MS = 2_000;
const RETENTION_EVERY_MS = 3_600_000;

export function createToChatwoot(deps: {
  database: Pick<Database, 'prisma' | 'pool'>;
  listener: Listener;
  secrets: IntegrationSecrets;
  transport: ChatwootTransport;
  agents: GuardedAgents;
  bridgeToken: string;
  /** WhatsApp has this reply: its echo proves it. */
  onEcho: (key: ReplyKey, whatsappId: string) => Promise<void>;
  holdsLease: (integrationId: string) => boolean;
  pauses: Backoff;
  filePauses: Backoff;
  /** An event carried nothing that anybody wrote or did. */
  onNothing: () => void;
  takesEffectWithinMs: number;
  earlyPatienceMs: number;
  pollEveryMs: number;
  stopGraceMs: number;
  logger: Logger;
}): ToChatwoot {
  const { prisma } = deps.database;
  const { logger } = deps;
  const gathered = createGathering<AskedMessages, MappedMessage[]>({
    ...LOOKED_UP_TOGETHER,
    ask: (asked) => findMessages(deps.database.pool, asked),
  });
  const lastDeliveries = createLastDeliveries(deps.database);
  const postingWrites = createPostingWrites(deps.database.pool);
  const inTurn = createFairTurns(TURNS);
  const integrations = new Map<string, RelayedIntegration>();
  const ending = new Map<string, Promise<void>>();

  function end(id: string): void {
    const relay = integrations.get(id)?.begun();
    integrations.delete(id);
    if (relay === undefined) return;
    const before = ending.get(id);
    const ended: Promise<void> = Promise.all([relay.stop(), before]).then(() => {
      if (ending.get(id) === ended) ending.delete(id);
    });
    ending.set(id, ended);
  }

  function begin(row: IntegrationRow): void {
    end(row.id);
    // What an earlier run of the same integration has under way here must be over, or this one would do it a second time.
    const ready = ending.get(row.id) ?? Promise.resolve();
    const shared = { findMessages: gathered, postingWrites, lastDeliveries, inTurn };
    integrations.set(row.id, createRelayedIntegration({ ...deps, ...shared, row, ready }));
  }

  async function redrive(): Promise<void> {
    const wanted = await integrationsWithRequests(prisma, [...integrations.keys()]);
    await Promise.all(wanted.map((id) => integrations.get(id)?.relay().redrive()));
  }

  async function takeDue(): Promise<void> {
    const concerned = await integrationsWithDueEarlyEvents(prisma, [...integrations.keys()]);
    await Promise.all(concerned.map((id) => integrations.get(id)?.relay().takeDue()));
  }

  async function removeTwins(): Promise<void> {
    const concerned = await integrationsWithRepeated(prisma, [...integrations.keys()], deps.takesEffectWithinMs);
    await Promise.all(concerned.map((id) => integrations.get(id)?.relay().removeTwins()));
  }

  listenForNews(deps.listener, {
    onNews: ({ integrationId, contactId }) => integrations.get(integrationId)?.begun()?.conversationBegun(contactId),
    onGap: () => {
      for (const integration of integrations.values()) integration.begun()?.conversationBegun(undefined);
    },
  });

  const sweep = (what: string, everyMs: number, work: (signal: AbortSignal) => Promise<void>) =>
    createSweep({
      everyMs,
      work,
      onError: (error) => logger.warn({ reason: String(error) }, `${what} failed, trying again`),
    });
  const sweeps = [
    sweep('looking for messages to be delivered again', deps.pollEveryMs, redrive),
    sweep('looking for what has come before its message', deps.pollEveryMs, takeDue),
    sweep('looking for messages that stand in Chatwoot twice', deps.pollEveryMs, removeTwins),
    sweep('writing when messages last arrived', DELIVERIES_EVERY_MS, lastDeliveries.write),
    sweep('forgetting old messages', RETENTION_EVERY_MS, (signal) => removeExpired(prisma, signal)),
  ];

  return {
    onAcquired: begin,
    onChanged: (row) => integrations.get(row.id)?.changed(row),
    onStrayDue() {},
    onLost: end,
    onEvent: (integration, event) => integrations.get(integration.id)?.relay().take(event, integration.ack),

    start() {
      for (const each of sweeps) each.start();
    },
    async stop() {
      const swept = sweeps.map((each) => each.stop());
      for (const id of [...integrations.keys()]) end(id);
      const ended = Promise.all([...ending.values(), ...swept]).then(() =>
        lastDeliveries
          .write()
          .catch((error: unknown) => logger.warn({ reason: String(error) }, 'the last times are not written')),
      );
      // What then is still under way is looked up by whoever takes over.
      await Promise.race([ended, delay(deps.stopGraceMs, undefined, { ref: false })]);
    },
  };
}
