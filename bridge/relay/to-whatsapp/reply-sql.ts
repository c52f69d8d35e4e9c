import { stateIn } from '../../../shared/database/state-in.ts';
import { wellFormed } from '../../../shared/text/well-formed.ts';
import { type Reply, toStored } from './reply.ts';

// What several queries of replies have in common.

/** Only the holder of the integration's lease ($1, $2) may act: one that was paused and wakes has an older epoch. */
export const HOLDS_LEASE = `EXISTS (SELECT FROM bridge_integrations i WHERE i.id = $1 AND i.lease_epoch = $2 AND i.state = 'active')`;

/** A claimed reply that is still ours; `id` and `epoch` are parameters. */
export const isClaimed = ({ id, epoch }: { id: string; epoch: string }): string =>
  `id = ${id} AND ${stateIn('state', 'sending')} AND claimed_epoch = ${epoch}`;

/** The content of a message that was deleted while it was being sent is gone. */
export const unlessDeleted = (state: string): string =>
  `CASE WHEN payload = '{}' THEN 'ignored' ELSE ${state} END::bridge_reply_state`;

/** Parts as PostgreSQL takes them. A message that has nothing to send has one that is empty, so that it is known. */
export const partsJson = (parts: readonly Reply[]): string =>
  JSON.stringify(parts.length === 0 ? [{}] : parts.map(toStored), (_, value: unknown) =>
    typeof value === 'string' ? wellFormed(value) : value,
  );
