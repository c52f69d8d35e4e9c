import { classifyBridgeFailure } from '../../shared/bridge-client/classification.ts';
import type { ActivationSettings } from '../../shared/contracts/activation.ts';
import type { BridgeActivateRequest } from '../../shared/contracts/bridge.ts';
import type { ChatwootCall, Instance } from '../auth/guards.ts';
import { sendError } from '../errors/error-handler.ts';
import { readJsonBody } from '../http/json-body.ts';
import { API_LIMITS } from '../timeouts.ts';
import { parseSetBody } from './set-body.ts';

/**
 * `POST /api/chatwoot/check/:instance`: takes the body of `set` and tells whether it would activate, with the same error if not. Nothing
 * is stored, queued or created.
 */
export function createCheck(deps: { bridgeUrl: string; apiUrl: string }) {
  return async ({ request, response, instance, bridge }: ChatwootCall): Promise<void> => {
    const { requestId, receivedAtMs } = response.locals;
    const { settings, chatwootToken } = parseSetBody(await readJsonBody(request, response));
    const deadlineAt = new Date(receivedAtMs + API_LIMITS.checkMs);
    const body = bridgeRequest({ instance, settings, chatwootToken, apiUrl: deps.apiUrl, deadlineAt });
    const outcome = await bridge.check(body, { timeoutMs: API_LIMITS.checkMs + API_LIMITS.answerMs, requestId });
    if (!outcome.ok) {
      sendError(response, classifyBridgeFailure(outcome.failure, settings, deps.bridgeUrl, [chatwootToken]));
      return;
    }
    response.json({
      instance: instance.name,
      ok: true,
      chatwoot_base_url: settings.chatwootBaseUrl,
      chatwoot_account_id: settings.chatwootAccountId,
      chatwoot_inbox_name: settings.inboxName,
      message: 'these settings would activate; nothing was changed',
    });
  };
}

function bridgeRequest(given: {
  instance: Instance;
  settings: ActivationSettings;
  chatwootToken: string;
  apiUrl: string;
  deadlineAt: Date;
}): BridgeActivateRequest {
  const { instance, settings } = given;
  return {
    instance_id: instance.id,
    instance: instance.name,
    ryzeapi_url: given.apiUrl,
    chatwoot_base_url: settings.chatwootBaseUrl,
    chatwoot_account_id: settings.chatwootAccountId,
    chatwoot_api_token: given.chatwootToken,
    inbox_name: settings.inboxName,
    sign_messages: settings.signMessages,
    ignore_groups: settings.ignoreGroups,
    start_as_pending: settings.startAsPending,
    reopen_resolved: settings.reopenResolved,
    deadline_at: given.deadlineAt.toISOString(),
  };
}
