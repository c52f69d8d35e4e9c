import { classifyBridgeFailure } from '../../shared/bridge-client/classification.ts';
import type { BridgeClient } from '../../shared/bridge-client/client.ts';
import type { ClockWatch } from '../../shared/database/clock-watch.ts';
import { probeFault } from '../../shared/database/disk-full.ts';

export interface Readiness {
  readonly ready: boolean;
  /** `clock` only where it is off. */
  readonly checks: Readonly<Record<'database' | 'queue' | 'bridge', string>> & { readonly clock?: string };
}

const BRIDGE_TIMEOUT_MS = 2_000;
/** No bridge has an integration of this id; asking for it proves both the way there and BRIDGE_TOKEN. */
const NO_INTEGRATION = 'int_none';

/**
 * What the worker depends on, each by name: `ok`, or what is wrong. The bridge does not count for `ready`: without it activations
 * end with a clear answer, and replacing the worker would not bring it back. Nor does a clock that is off.
 */
export async function readReadiness(deps: {
  pingDatabase: () => Promise<void>;
  pingQueue: () => Promise<void>;
  bridge: BridgeClient;
  bridgeUrl: string;
  clock: Pick<ClockWatch, 'fault'>;
}): Promise<Readiness> {
  const [database, queue, bridge] = await Promise.all([
    deps.pingDatabase().then(() => 'ok', probeFault),
    deps.pingQueue().then(() => 'ok', unavailable),
    probeBridge(deps.bridge, deps.bridgeUrl),
  ]);
  const clock = deps.clock.fault();
  const checks = { database, queue, bridge, ...(clock === undefined ? {} : { clock }) };
  return { ready: database === 'ok' && queue === 'ok', checks };
}

const unavailable = (): string => 'unavailable';

async function probeBridge(bridge: BridgeClient, bridgeUrl: string): Promise<string> {
  const outcome = await bridge.get(NO_INTEGRATION, { timeoutMs: BRIDGE_TIMEOUT_MS });
  if (outcome.ok) return 'ok';
  return classifyBridgeFailure(outcome.failure, { chatwootBaseUrl: '', chatwootAccountId: 0 }, bridgeUrl).code;
}
