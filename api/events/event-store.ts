import type pg from 'pg';
import { type NewEvent, type Stored, storeEvent } from '../../shared/events/queries/store-event.ts';
import { storeEvents } from '../../shared/events/queries/store-events.ts';
import { createGathering } from '../../shared/gathering.ts';

/** Stores an event; resolves once it is committed. */
export type StoreEvent = (event: NewEvent) => Promise<Stored>;

const STORED_TOGETHER = { width: 1, most: 50, silentMs: 250 };
/** A larger one is copied too often on its way in a list. */
const LARGEST_TOGETHER_BYTES = 16_384;

/** Events that come at the same moment, of whichever instances, are stored with one statement. */
export function createEventStore(pool: pg.Pool): StoreEvent {
  const together = createGathering<NewEvent, Stored | undefined>({
    ...STORED_TOGETHER,
    ask: (events) => storeEvents(pool, events),
  });
  return async (event) => {
    const stored = Buffer.byteLength(event.payload) > LARGEST_TOGETHER_BYTES ? undefined : await together(event);
    return stored ?? storeEvent(pool, event);
  };
}
