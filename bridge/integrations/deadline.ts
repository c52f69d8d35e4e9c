import type { BridgeActivateRequest } from '../../shared/contracts/bridge.ts';

/** When a call that has come just now has to be answered, by this process's own clock, whatever that of its caller shows. */
export const endOf = ({ remaining_ms, deadline_at }: Pick<BridgeActivateRequest, 'remaining_ms' | 'deadline_at'>): number =>
  remaining_ms === undefined ? Date.parse(deadline_at) : Date.now() + remaining_ms;
