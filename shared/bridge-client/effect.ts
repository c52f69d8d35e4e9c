import { neverSent } from './network-cause.ts';
import type { BridgeFailure, BridgeOutcome } from './outcome.ts';

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

/** Codes of an exchange with Chatwoot that took all the time it had. */
const TIME_LIMITS: ReadonlySet<string> = new Set(['timeout', 'CONNECT_TIMEOUT', 'ETIMEDOUT']);

/**
 * What a call to the bridge has shown of Chatwoot. `silent`: it was asked and ran into the time limit, with `sent` once it had the request;
 * `answered`: it said something, or refused the connection at once; `nothing`: it was not asked, or nobody knows what it did.
 */
export function chatwootSight(
  outcome: BridgeOutcome<unknown>,
): { kind: 'answered' | 'nothing' } | { kind: 'silent'; sent: boolean } {
  if (outcome.ok) return { kind: 'answered' };
  const upstream = outcome.failure.kind === 'http' ? outcome.failure.error?.upstream : undefined;
  if (upstream === undefined) return { kind: 'nothing' };
  const network = typeof upstream.status === 'number' ? '' : (upstream.network ?? '');
  return TIME_LIMITS.has(network) ? { kind: 'silent', sent: network === 'timeout' } : { kind: 'answered' };
}

/**
 * Whether a removal that ended in this failure has begun at the bridge all the same: 502 is its word on Chatwoot, which it asks only after
 * having taken the integration out of use.
 */
export const isRemovalUnderWay = (failure: BridgeFailure): boolean => failure.kind === 'http' && failure.status === 502;
