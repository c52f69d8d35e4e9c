import type { ActivationState, BridgeReplyState } from './generated/client.ts';

/**
 * That the state of a row, whose key the statement knows, is one of these. As text, so that the row is read by that key: the index of what is
 * unfinished, of which PostgreSQL believes that next to nothing is in it, would be read from its beginning to its end.
 */
export const stateIn = (column: string, ...states: readonly (ActivationState | BridgeReplyState)[]): string =>
  `${column}::text IN (${states.map((state) => `'${state}'`).join(', ')})`;
