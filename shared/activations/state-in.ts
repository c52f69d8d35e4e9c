import type { ActivationState } from '../database/generated/client.ts';

/**
 * That an activation `a`, of which a statement knows the key, is in one of these states. As text, so that its row is read by that key: the index
 * of what is unfinished, of which PostgreSQL believes that next to nothing is in it, would be read from its beginning to its end.
 */
export const stateIn = (...states: readonly ActivationState[]): string =>
  `a.state::text IN (${states.map((state) => `'${state}'`).join(', ')})`;
