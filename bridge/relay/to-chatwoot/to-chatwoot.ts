import { setTimeout as delay } from 'node:timers/promises';
import type { Database } from '../../../shared/database/database.ts';
import type { Logger } from '../../../shared/logging/logger.ts';
import type { ChatwootAgents } from '../../chatwoot/agents.ts';
import type { ChatwootTransport } from '../../chatwoot/transport.ts';
import type { EventHandler } from '../../integrations/running.ts';
import type { IntegrationSecrets } from '../../integrations/secrets.ts';
import type { IntegrationRow } from '../../integrations/store.ts';
import type { LeaseHolder } from '../../leases/leases.ts';
import type { ReplyKey } from '../source-id.ts';
import { createIntegrationRelay, type IntegrationRelay } from './integration-relay.ts';
import type { Pauses } from './pauses.ts';
import { createRelayRetention } from './retention.ts';

/** The way from WhatsApp to Chatwoot, for all integrations that this process has the lease of. */
export interface ToChatwoot extends LeaseHolder {
  readonly onEvent: EventHandler;
  start(): void;
  /** Begins nothing more; resolves when what is under way has ended, or after `stopGraceMs`. */
  stop(): Promise<void>;
}

const REDRIVE_POLL_MS = 2_000;
const CLEAN_UP_MS = 3_600_000;

export function createToChatwoot(deps: {
  database: Pick<Database, 'prisma'>;
  secrets: IntegrationSecrets;
  transport: ChatwootTransport;
  agents: ChatwootAgents;
  bridgeToken: string;
  /** WhatsApp has this reply: its echo proves it. */
  onEcho: (key: ReplyKey, whatsappId: string) => Promise<void>;
  holdsLease: (integrationId: string) => boolean;
  pauses: Pauses;
  stopGraceMs: number;
  logger: Logger;
}): ToChatwoot {
  const { prisma } = deps.database;
  const { logger } = deps;
  const relays = new Map<string, IntegrationRelay>();
  const ending = new Map<string, Promise<void>>();
  const retention = createRelayRetention({ prisma });
  let redriveTimer: NodeJS.Timeout | undefined;
  let cleanUpTimer: NodeJS.Timeout | undefined;

  function end(id: string): void {
    const relay = relays.get(id);
    if (relay === undefined) return;
    relays.delete(id);
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
    const holdsLease = () => deps.holdsLease(row.id);
    relays.set(row.id, createIntegrationRelay({ ...deps, prisma, row, ready, holdsLease }));
  }

  async function redrive(): Promise<void> {
    const wanted = await retention.redriveRequests([...relays.keys()]);
    await Promise.all(wanted.map((id) => relays.get(id)?.redrive()));
  }

  const quietly = (what: string, task: () => Promise<unknown>) => () => {
    task().catch((error: unknown) => logger.warn({ reason: String(error) }, `${what} failed, trying again`));
  };

  return {
    onAcquired: begin,
    onChanged: (row) => relays.get(row.id)?.changed(row),
    onStrayDue() {},
    onLost: end,
    onEvent: (integration, event) => relays.get(integration.id)?.take(event, integration.ack),

    start() {
      redriveTimer = setInterval(quietly('looking for messages to be delivered again', redrive), REDRIVE_POLL_MS);
      cleanUpTimer = setInterval(quietly('forgetting old messages', retention.removeExpired), CLEAN_UP_MS);
    },
    async stop() {
      clearInterval(redriveTimer);
      clearInterval(cleanUpTimer);
      for (const id of [...relays.keys()]) end(id);
      const ended = Promise.all(ending.values());
      // What then is still under way is looked up by whoever takes over.
      await Promise.race([ended, delay(deps.stopGraceMs, undefined, { ref: false })]);
    },
  };
}
