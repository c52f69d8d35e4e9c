import type { ActivatedIntegration, BridgeClient } from '../../shared/bridge-client/client.ts';
import type { BridgeOutcome } from '../../shared/bridge-client/outcome.ts';
import type { BridgeActivateRequest } from '../../shared/contracts/bridge.ts';
import type { ClaimedActivation } from './claimed.ts';

const LONGEST_CALL_MS = 25_000;
/** Kept back from the deadline to record what came of the call; a quarter of what is left where that is little. */
const RESERVE_MS = 1_500;

/** One call to the bridge, within what is left of the deadline. The activation's id makes repeating it harmless. */
export function callBridge(
  deps: { bridge: BridgeClient; ryzeapiUrl: string },
  activation: ClaimedActivation,
  chatwootToken: string,
  signal: AbortSignal,
): Promise<BridgeOutcome<ActivatedIntegration>> {
  const { remainingMs } = activation;
  return deps.bridge.activate(requestOf(activation, chatwootToken, deps.ryzeapiUrl), {
    activationId: activation.id,
    requestId: activation.requestId ?? undefined,
    timeoutMs: Math.max(1, Math.round(Math.min(LONGEST_CALL_MS, remainingMs - Math.min(RESERVE_MS, remainingMs / 4)))),
    signal,
  });
}

const requestOf = (activation: ClaimedActivation, chatwootToken: string, ryzeapiUrl: string): BridgeActivateRequest => ({
  instance_id: activation.instanceId,
  instance: activation.instanceName,
  ryzeapi_url: ryzeapiUrl,
  chatwoot_base_url: activation.settings.chatwootBaseUrl,
  chatwoot_account_id: activation.settings.chatwootAccountId,
  chatwoot_api_token: chatwootToken,
  inbox_name: activation.settings.inboxName,
  sign_messages: activation.settings.signMessages,
  ignore_groups: activation.settings.ignoreGroups,
  start_as_pending: activation.settings.startAsPending,
  reopen_resolved: activation.settings.reopenResolved,
  deadline_at: activation.deadlineAt.toISOString(),
});
