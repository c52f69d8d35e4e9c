import { createChatwootClient } from '../../chatwoot/client.ts';
import { RELAY_LIMITS } from '../../chatwoot/limits.ts';
import type { ChatwootTransport } from '../../chatwoot/transport.ts';
import type { IntegrationSecrets } from '../../integrations/secrets.ts';
import type { IntegrationRow } from '../../integrations/store.ts';
import { createAgentLanguage } from './account-locale.ts';
import { createIntegrationRelay, type IntegrationRelay, type RelayDeps } from './integration-relay.ts';
import { LeaseLost } from './relay-error.ts';

/**
 * An integration while this process has its lease. Its relay, some 30 kB of parts, is made when there is something for it: of thousands most have
 * nothing for hours.
 */
export interface RelayedIntegration {
  /** The relay, made now if it is not there yet. */
  relay(): IntegrationRelay;
  /** The relay, if it has been made. */
  begun(): IntegrationRelay | undefined;
  /** Its settings were changed: they count from the next message on, and what waits is tried at once. */
  changed(row: IntegrationRow): void;
}

/** Nothing is tried before `ready`. */
export function createRelayedIntegration(
  deps: Omit<RelayDeps, 'row' | 'client' | 'texts'> & {
    row: IntegrationRow;
    secrets: IntegrationSecrets;
    transport: ChatwootTransport;
    /** Whether the lease is still ours, by a clock that goes on while the process is stopped. */
    holdsLease: (integrationId: string) => boolean;
  },
): RelayedIntegration {
  let { row } = deps;
  let relay: IntegrationRelay | undefined;

  const openClient = () =>
    createChatwootClient({
      transport: deps.transport,
      limits: RELAY_LIMITS,
      // Messages wait for as long as it takes.
      budget: { endsAtMs: Number.POSITIVE_INFINITY },
      access: () => {
        // A process that was paused and wakes would otherwise post what another one has posted meanwhile.
        if (!deps.holdsLease(row.id)) throw new LeaseLost();
        return deps.secrets.accessOf(row);
      },
    });
  const language = createAgentLanguage({ openClient, prisma: deps.database.prisma, row: () => row });
  // Also for what agents are told of their own messages, so it does not wait for one of WhatsApp's.
  const ready = Promise.all([deps.ready, language.learn(row)]).then(() => {});

  function begin(): IntegrationRelay {
    relay ??= createIntegrationRelay({ ...deps, row: () => row, client: openClient(), texts: language.texts, ready });
    return relay;
  }
  if (hasTrouble(row)) begin();

  return {
    relay: begin,
    begun: () => relay,
    changed(next) {
      row = next;
      void language.learn(next);
      if (relay !== undefined) relay.changed();
      else if (hasTrouble(next)) begin();
    },
  };
}

/** A trouble or a notice of an earlier run has an end, which the relay sees to. */
const hasTrouble = ({ status, lastError, phoneState }: IntegrationRow): boolean =>
  status !== 'active' || lastError !== '' || phoneState !== '';
