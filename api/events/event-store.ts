import type pg from 'pg';
import { type NewEvent, type Stored, storeEvent } from '../../shared/events/queries/store-event.ts';
import { storeEvents } from '../../shared/events/queries/store-events.ts';
import { createGathering } from '../../shared/gathering.ts';

/** Stores an event; resolves once it is committed. Those of one instance are stored in the order in which they come. */
export type StoreEvent = (event: NewEvent) => Promise<Stored>;

const STORED_TOGETHER = { width: 1, most: 50, silentMs: 250 };
/** A larger one is copied too often on its way in a list. */
const LARGEST_TOGETHER_BYTES = 16_384;

/**
 * Events that come at the same moment, of whichever instances, are stored with one statement. A large one, and those of an instance whose row
 * somebody else holds, are stored one by one, and whatever comes of that instance meanwhile stands behind them; nobody else waits for that.
 */
export function createEventStore(pool: pg.Pool): StoreEvent {
  /** The last one of each instance of which some are being stored one by one. */
  const lanes = new Map<string, Promise<unknown>>();

  function storeAlone(event: NewEvent): Promise<Stored> {
    const { instanceId } = event;
    const stored = (lanes.get(instanceId) ?? Promise.resolve()).then(() => storeEvent(pool, event));
    const end = stored.then(leave, leave);
    function leave(): void {
      if (lanes.get(instanceId) === end) lanes.delete(instanceId);
    }
    lanes.set(instanceId, end);
    return stored;
  }

  const inTurn = createGathering<NewEvent, { readonly stored: Stored | Promise<Stored> }>({
    ...STORED_TOGETHER,
    ask: async (events) => {
      const alone = new Set(lanes.keys());
      const together = events.filter((event) => {
        if (Buffer.byteLength(event.payload) > LARGEST_TOGETHER_BYTES) alone.add(event.instanceId);
        return !alone.has(event.instanceId);
      });
      const answers = together.length === 0 ? [] : await storeEvents(pool, together);
      return events.map((event) => ({ stored: answers[together.indexOf(event)] ?? storeAlone(event) }));
    },
  });
  return async (event) => (await inTurn(event)).stored;
}
