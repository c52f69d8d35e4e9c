import { wellFormed } from '../../../shared/text/well-formed.ts';
import { type Reply, toStored } from './reply.ts';

// What several queries of replies have in common.

/** Only the holder of the integration's lease ($1, $2) may act: one that was paused and wakes has an older epoch. */
export const HOLDS_LEASE = `EXISTS (SELECT FROM bridge_integrations i WHERE i.id = $1 AND i.lease_epoch = $2 AND i.state = 'active')`;

/**
 * A claimed reply that is still ours; `id` and `epoch` are parameters. Its state is looked at as text, so that its row is read by its key: the
 * index of what is unfinished, of which PostgreSQL believes that next to nothing is in it, would be read from its beginning to its end.
 */
export const isClaimed = ({ id, epoch }: { id: string; epoch: string }): string =>
  `id = ${id} AND state::text = 'sending' AND claimed_epoch = ${epoch}`;

/** The content of a message that was deleted while it was being sent is gone. */
export const unlessDeleted = (state: string): string =>
  `CASE WHEN payload = '{}' THEN 'ignored' ELSE ${state} END::bridge_reply_state`;

/** Parts as PostgreSQL takes them. A message that has nothing to send has one that is empty, so that it is known. */
export const partsJson = (parts: readonly Reply[]): string =>
  JSON.stringify(parts.length === 0 ? [{}] : parts.map(toStored), (_, value: unknown) =>
    typeof value === 'string' ? wellFormed(value) : value,
  );
