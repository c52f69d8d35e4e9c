import { neverSent } from './network-cause.ts';
import type { BridgeFailure } from './outcome.ts';

/**
 * Whether an activation that ended in this failure may have left something at the bridge or in Chatwoot. When in doubt it may:
 * undoing nothing costs one call, and leaving an inbox behind costs the customer's trust.
 */
export function mayHaveTakenEffect(failure: BridgeFailure): boolean {
  switch (failure.kind) {
    case 'network':
      return failure.sent !== false;
    case 'timeout':
    case 'aborted':
      return true;
    case 'protocol':
      return failure.status < 300;
    case 'http': {
      const upstream = failure.error?.upstream;
      if (upstream === undefined) return failure.status === 409 || failure.status >= 500;
      // 408: the proxy in front of Chatwoot stopped waiting, which says nothing about Chatwoot.
      if (typeof upstream.status === 'number') return upstream.status < 300 || upstream.status >= 500 || upstream.status === 408;
      return !neverSent(upstream.network ?? '');
    }
  }
}

/**
 * Whether a removal that ended in this failure has begun at the bridge all the same: 502 is its word on Chatwoot, which it asks only after
 * having taken the integration out of use.
 */
export const isRemovalUnderWay = (failure: BridgeFailure): boolean => failure.kind === 'http' && failure.status === 502;
