import type { Prisma, PrismaClient } from '../../../shared/database/database.ts';
import { type EngineKind, engineKindSchema, engineKinds, engineOf } from '../../../shared/engines/registry.ts';
import type { NoteEvent } from './deliver-note.ts';
import { createShelf } from './memory.ts';
import { dueEarlyEvents, insertEarlyEvent } from './queries/early-events.ts';

/** What an event is read from. */
export interface EventSource {
  readonly engineKind: EngineKind;
  readonly payload: unknown;
}

export interface EarlyEvent {
  readonly originalId: string;
  readonly key: string;
  readonly source: EventSource;
  readonly event: NoteEvent;
}

/** What happened to messages that have not come yet: engines deliver in no order. */
export interface EarlyEvents {
  /** What `isShownAnyway` is due by itself after a while, should the message never come. */
  keep(
    early: { readonly originalId: string; readonly key: string; readonly isShownAnyway: boolean },
    source: EventSource,
  ): Promise<void>;
  /** What has happened to that message, oldest first. */
  about(originalId: string): Promise<EarlyEvent[]>;
  /** What has waited long enough. */
  due(): Promise<EarlyEvent[]>;
  drop(early: Pick<EarlyEvent, 'originalId' | 'key'>): Promise<void>;
}

const BATCH = 100;

export function createEarlyEvents(deps: { prisma: PrismaClient; integrationId: string; patienceMs: number }): EarlyEvents {
  const { prisma, integrationId, patienceMs } = deps;
  const table = prisma.bridgeEarlyEvent;
  /** Whether there are any: mostly there are none, and nobody else keeps one for this integration. */
  const any = createShelf<boolean>();

  async function read(where: Prisma.BridgeEarlyEventWhereInput): Promise<EarlyEvent[]> {
    const rows = await table.findMany({
      // Those of an engine that only a newer version knows wait for that version.
      where: { integrationId, engineKind: { in: [...engineKinds] }, ...where },
      orderBy: { createdAt: 'asc' },
      take: BATCH,
    });
    return rows.flatMap(({ originalId, key, engineKind, payload }) => {
      const source: EventSource = { engineKind: engineKindSchema.parse(engineKind), payload: JSON.parse(payload) };
      const parsed = engineOf(source.engineKind).readEvent(source.payload);
      return parsed.ok && isNote(parsed.event) ? [{ originalId, key, source, event: parsed.event }] : [];
    });
  }

  return {
    async keep({ originalId, key, isShownAnyway }, { engineKind, payload }) {
      const dueInMs = isShownAnyway ? patienceMs : null;
      const values = { integrationId, originalId, key, engineKind, payload: JSON.stringify(payload), dueInMs };
      // Before its message is looked for once more: one that has come by then has looked for this, or does so from now on.
      await insertEarlyEvent(prisma, values).finally(() => any.drop());
    },
    async about(originalId) {
      const isAny = async () => (await table.findFirst({ where: { integrationId }, select: { key: true } })) !== null;
      return (await any.read('', isAny)) ? read({ originalId }) : [];
    },
    async due() {
      const due = await dueEarlyEvents(prisma, integrationId, BATCH);
      return due.length === 0 ? [] : read({ OR: due });
    },
    async drop({ originalId, key }) {
      await table.deleteMany({ where: { integrationId, originalId, key } });
    },
  };
}

const isNote = (event: { readonly kind: string }): event is NoteEvent =>
  event.kind === 'edit' || event.kind === 'revoke' || event.kind === 'reaction';
