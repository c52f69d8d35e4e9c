import type { ClaimedActivation } from '../../shared/activations/claim.ts';
import { toBridgeRequest } from '../../shared/activations/settings.ts';
import type { ActivatedIntegration, BridgeClient } from '../../shared/bridge-client/client.ts';
import { isRemovalUnderWay } from '../../shared/bridge-client/effect.ts';
import type { BridgeOutcome } from '../../shared/bridge-client/outcome.ts';

const LONGEST_CALL_MS = 25_000;
/** Kept back from the deadline to record what came of the call; a quarter of what is left where that is little. */
const RESERVE_MS = 1_500;
/**
 * So much earlier than we stop listening the bridge has to be done, a tenth of the call where that is short: what a Chatwoot that
 * stays silent has done to it is the bridge's to tell, or the bridge would seem to be the silent one.
 */
const ANSWER_MS = 500;

/** Taking down what is still due needs no answer of Chatwoot, only the bridge's word that it is no longer in use. */
const REMOVAL_MS = 5_000;

/**
 * One call to the bridge, within what is left of the deadline. The activation's id makes repeating it harmless.
 *
 * What the bridge has yet to take down of this instance comes first. Otherwise an integration that was deactivated while the bridge was
 * away would be found there, changed in place, and then taken down by the removal that is still waiting for it.
 */
export async function callBridge(
  deps: { bridge: BridgeClient; ryzeapiUrl: string; unknownToBridge: (instanceId: string) => Promise<string[]> },
  activation: ClaimedActivation,
  chatwootToken: string,
  signal: AbortSignal,
): Promise<BridgeOutcome<ActivatedIntegration>> {
  const calledAtMs = performance.now();
  for (const integrationId of await deps.unknownToBridge(activation.instanceId)) {
    const timeoutMs = Math.max(1, Math.min(REMOVAL_MS, activation.remainingMs / 4));
    const removal = await deps.bridge.remove(integrationId, { timeoutMs, signal, requestId: activation.requestId ?? undefined });
    if (!removal.ok && !isRemovalUnderWay(removal.failure)) return removal;
  }
  const { deadlineAt } = activation;
  const remainingMs = activation.remainingMs - (performance.now() - calledAtMs);
  const timeoutMs = Math.max(1, Math.round(Math.min(LONGEST_CALL_MS, remainingMs - Math.min(RESERVE_MS, remainingMs / 4))));
  const bridgeMs = timeoutMs - Math.min(ANSWER_MS, timeoutMs / 10);
  // From the deadline backwards: that is by the database's clock, ours may be another.
  const endsAt = new Date(deadlineAt.getTime() - remainingMs + bridgeMs);
  const instance = { id: activation.instanceId, name: activation.instanceName };
  const request = toBridgeRequest(activation.settings, { instance, chatwootToken, ryzeapiUrl: deps.ryzeapiUrl, endsAt });
  return deps.bridge.activate(request, {
    activationId: activation.id,
    requestId: activation.requestId ?? undefined,
    timeoutMs,
    signal,
  });
}
