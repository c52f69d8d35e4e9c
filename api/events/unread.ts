import { Counter, type Registry } from 'prom-client';
import type { PrismaClient } from '../../shared/database/database.ts';
import { engineKinds } from '../../shared/engines/registry.ts';
import { noteUnread } from '../../shared/instances/queries/note-unread.ts';
import type { Logger } from '../../shared/logging/logger.ts';

/** Counts what could not be read of an instance's events, and leaves a trace of it. Never throws. */
export type CountUnread = (instanceId: string, engineKind: string, faults: readonly string[]) => Promise<void>;

/**
 * An event that cannot be read is taken all the same, because its engine would drop it, or deliver it again for ever. So that "nothing
 * arrives" can be told from "nothing can be read", it is in the metrics, in the log, and in `GET /api/instance/list`.
 */
export function createCountUnread(deps: { prisma: PrismaClient; registry: Registry; logger: Logger }): CountUnread {
  const counter = new Counter({
    name: 'ponte_engine_events_unread_total',
    help: 'Deliveries of WhatsApp engines that could not be read, or did not prove their origin, by kind of engine.',
    labelNames: ['engine'],
    registers: [deps.registry],
  });
  for (const engine of engineKinds) counter.inc({ engine }, 0);

  return async (instanceId, engineKind, faults) => {
    const [fault] = faults;
    if (fault === undefined) return;
    counter.inc({ engine: engineKind }, faults.length);
    deps.logger.warn({ instanceId, engine: engineKind, count: faults.length, fault }, 'an event could not be read');
    await noteUnread(deps.prisma, instanceId, fault).catch((error: unknown) => {
      deps.logger.warn({ instanceId, reason: String(error) }, 'an unread event could not be noted');
    });
  };
}
