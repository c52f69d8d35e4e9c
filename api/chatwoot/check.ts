import { toBridgeRequest } from '../../shared/activations/settings.ts';
import { classifyBridgeFailure } from '../../shared/bridge-client/classification.ts';
import type { ChatwootCall } from '../auth/guards.ts';
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
    const endsAt = new Date(receivedAtMs + API_LIMITS.checkMs);
    const remainingMs = endsAt.getTime() - Date.now();
    const body = toBridgeRequest(settings, { instance, chatwootToken, ryzeapiUrl: deps.apiUrl, remainingMs, endsAt });
    const outcome = await bridge.check(body, { timeoutMs: API_LIMITS.checkMs + API_LIMITS.answerMs, requestId });
    if (!outcome.ok) {
      sendError(response, classifyBridgeFailure(outcome.failure, settings, deps.bridgeUrl, [chatwootToken]));
      return;
    }
    const { effect, previous_inbox: previousInbox } = outcome.value;
    response.json({
      instance: instance.name,
      ok: true,
      chatwoot_base_url: settings.chatwootBaseUrl,
      chatwoot_account_id: settings.chatwootAccountId,
      chatwoot_inbox_name: settings.inboxName,
      ...(effect ? { effect } : {}),
      ...(previousInbox ? { previous_inbox: previousInbox } : {}),
      message: 'these settings would activate; nothing was changed',
    });
  };
}
