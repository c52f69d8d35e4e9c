import type pg from 'pg';
import type { PrismaClient } from '../../shared/database/database.ts';
import { dedupeKey } from '../../shared/engines/dedupe-key.ts';
import type { OpenRow } from '../../shared/engines/open-engine.ts';
import { engineKinds, engineOf } from '../../shared/engines/registry.ts';
import { stateNotice } from '../../shared/engines/stored.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { storeEvent } from '../../shared/events/queries/store-event.ts';
import { noteConnection } from '../../shared/instances/queries/note-connection.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import { createTurns, type Turns } from '../../shared/turns.ts';
import { createUnderWay } from '../../shared/under-way.ts';
import { WORKER_LIMITS, type WorkerTimeouts } from '../timeouts.ts';
import { type ClaimedConnection, claimConnections } from './queries/connections.ts';

/** At a time, in each worker. */
const MOST = 20;
const RETRY_MS = 2_000;

/** Those that say nothing of the connection by themselves, but do when they are asked. */
const asked = engineKinds.filter((kind) => !engineOf(kind).setup.tellsConnection && engineOf(kind).check !== undefined);

/**
 * Asks engines that do not tell how the phone's connection is, each about once a minute, and only for instances that are active. What has
 * changed is recorded, and told to the bridge as if the engine had told it.
 */
export function createConnectionWatch(deps: {
  prisma: PrismaClient;
  pool: pg.Pool;
  open: OpenRow;
  timeouts: WorkerTimeouts['engines'];
  logger: Logger;
  /** Other than those that have to be asked, for tests. */
  kinds?: readonly string[];
}): Turns {
  const { prisma, pool, logger, timeouts, kinds = asked } = deps;
  const underWay = createUnderWay();

  async function ask(claimed: ClaimedConnection): Promise<void> {
    const { instanceId, engineKind, name } = claimed;
    const { engine, access } = await deps.open(claimed);
    const found = await engine.check?.({ access, instance: name, timeoutMs: WORKER_LIMITS.engineCallMs });
    if (found === undefined) return;
    if (found.kind === 'failed') {
      logger.debug({ instanceId, engine: engineKind, outcome: found.error.code }, 'an engine did not say how the phone is');
      // Anything else says nothing of the phone: the engine may be starting anew.
      if (found.error.code === 'engine_not_connected') await note(claimed, 'disconnected', found.error.code);
      return;
    }
    if (found.phone !== undefined) await note(claimed, found.phone, found.told);
  }

  async function note(
    { instanceId, engineKind }: ClaimedConnection,
    state: Parameters<typeof noteConnection>[2]['state'],
    told: string,
  ): Promise<void> {
    if (!(await noteConnection(prisma, instanceId, { state, told }))) return;
    const { payload, event } = stateNotice(told, state, new Date());
    await storeEvent(pool, {
      instanceId,
      dedupeKey: dedupeKey(event, payload),
      chat: '',
      payload: JSON.stringify(payload),
      outline: null,
      engineKind,
      showsConnection: false,
    });
    logger.info({ instanceId, engine: engineKind, state }, 'the connection of a phone has changed');
  }

  function begin(claimed: ClaimedConnection): void {
    const asking = ask(claimed).catch((error: unknown) => {
      const reason = error instanceof PonteError ? error.code : String(error);
      logger.warn({ instanceId: claimed.instanceId, reason }, 'an engine could not be asked how the phone is');
    });
    void underWay.begin(asking);
  }

  const turns = createTurns({
    work: async () => {
      const limit = MOST - underWay.size;
      const everySeconds = timeouts.askEveryMs / 1_000;
      const due = kinds.length > 0 && limit > 0 ? await claimConnections(prisma, { kinds, limit, everySeconds }) : [];
      for (const claimed of due) begin(claimed);
      if (kinds.length === 0) return undefined;
      // There may be more than were taken.
      return due.length === MOST ? timeouts.everyMs / 10 : timeouts.everyMs;
    },
    onError: (error) => {
      logger.warn({ reason: String(error) }, 'no connection could be looked for, trying again');
      return RETRY_MS;
    },
  });

  return underWay.endingWith(turns);
}
