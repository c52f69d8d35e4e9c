import type { ClaimedActivation } from '../../shared/activations/claim.ts';
import { toBridgeRequest } from '../../shared/activations/settings.ts';
import type { ActivatedIntegration, BridgeClient } from '../../shared/bridge-client/client.ts';
import { isRemovalUnderWay } from '../../shared/bridge-client/effect.ts';
import type { BridgeOutcome } from '../../shared/bridge-client/outcome.ts';
import { WORKER_LIMITS } from '../timeouts.ts';

/**
 * One call to the bridge, within what is left of the deadline. The activation's id makes repeating it harmless.
 *
 * What the bridge has yet to remove of this instance comes first. Otherwise an integration that was deactivated while the bridge was
 * away would be found there, changed in place, and then removed by the removal that is still waiting for it.
 */
export async function callBridge(
  deps: { bridge: BridgeClient; ryzeapiUrl: string },
  activation: ClaimedActivation,
  chatwootToken: string,
  signal: AbortSignal,
): Promise<BridgeOutcome<ActivatedIntegration>> {
  const calledAtMs = performance.now();
  for (const integrationId of activation.unknownToBridge) {
    const timeoutMs = Math.max(1, Math.min(WORKER_LIMITS.removeFirstMs, activation.remainingMs / 4));
    const removal = await deps.bridge.remove(integrationId, { timeoutMs, signal, requestId: activation.requestId ?? undefined });
    if (!removal.ok && !isRemovalUnderWay(removal.failure)) return removal;
  }
  const { deadlineAt } = activation;
  const remainingMs = activation.remainingMs - (performance.now() - calledAtMs);
  const timeoutMs = Math.max(
    1,
    Math.round(Math.min(WORKER_LIMITS.activateMs, remainingMs - Math.min(WORKER_LIMITS.recordMs, remainingMs / 4))),
  );
  const bridgeMs = timeoutMs - Math.min(WORKER_LIMITS.answerMs, timeoutMs / 5);
  // From the deadline backwards: that is by the database's clock, ours may be another.
  const endsAt = new Date(deadlineAt.getTime() - remainingMs + bridgeMs);
  const instance = { id: activation.instanceId, name: activation.instanceName };
  const call = { instance, chatwootToken, ryzeapiUrl: deps.ryzeapiUrl, remainingMs: bridgeMs, endsAt };
  const request = toBridgeRequest(activation.settings, call);
  return deps.bridge.activate(request, {
    activationId: activation.id,
    requestId: activation.requestId ?? undefined,
    timeoutMs,
    signal,
  });
}
