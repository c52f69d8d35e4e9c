import type { ActivationError } from '../../shared/activations/error.ts';
import { type ActivationSettings, toBridgeRequest } from '../../shared/activations/settings.ts';
import { classifyBridgeFailure } from '../../shared/bridge-client/classification.ts';
import type { BridgeClient } from '../../shared/bridge-client/client.ts';
import type { BridgeCheckResponse, TokenOwner } from '../../shared/contracts/bridge.ts';
import { oldReleaseWarning } from '../../shared/contracts/releases.ts';
import { engineOf } from '../../shared/engines/registry.ts';
import { HISTORY_UNSUPPORTED } from '../../shared/histories/view.ts';
import type { Instance } from '../auth/caller.ts';
import type { ChatwootCall } from '../auth/guards.ts';
import { sendError } from '../errors/error-handler.ts';
import { readJsonBody } from '../http/json-body.ts';
import { API_LIMITS } from '../timeouts.ts';
import { parseSetBody } from './set-body.ts';

interface CheckCall {
  readonly instance: Instance;
  readonly bridge: BridgeClient;
  readonly requestId: string;
  /** In milliseconds since 1970: the 25 s count from here. */
  readonly receivedAtMs: number;
}

export type CheckOutcome =
  | { readonly ok: true; readonly settings: ActivationSettings; readonly found: BridgeCheckResponse }
  | { readonly ok: false; readonly error: ActivationError; readonly owner: TokenOwner | undefined };

/**
 * Takes what `set` takes and tells whether it would activate, with the same error if not. Nothing is stored, queued or created. Throws
 * PonteError `invalid_body`.
 */
export type Check = (body: unknown, call: CheckCall) => Promise<CheckOutcome>;

export function createCheck(deps: { bridgeUrl: string; apiUrl: string }): Check {
  return async (given, { instance, bridge, requestId, receivedAtMs }) => {
    const { settings, chatwootToken } = parseSetBody(given);
    const endsAt = new Date(receivedAtMs + API_LIMITS.checkMs);
    const remainingMs = endsAt.getTime() - Date.now();
    const body = toBridgeRequest(settings, { instance, chatwootToken, ryzeapiUrl: deps.apiUrl, remainingMs, endsAt });
    const outcome = await bridge.check(body, { timeoutMs: API_LIMITS.checkMs + API_LIMITS.answerMs, requestId });
    if (outcome.ok) return { ok: true, settings, found: outcome.value };
    const { failure } = outcome;
    const error = classifyBridgeFailure(failure, settings, deps.bridgeUrl, [chatwootToken]);
    const owner = failure.kind === 'http' ? failure.error?.upstream?.token_owner : undefined;
    return { ok: false, error, owner: owner ?? undefined };
  };
}

/** `POST /api/chatwoot/check/:instance`. */
export function createCheckHandler(check: Check) {
  return async ({ request, response, instance, bridge }: ChatwootCall): Promise<void> => {
    const { requestId, receivedAtMs } = response.locals;
    const outcome = await check(await readJsonBody(request, response), { instance, bridge, requestId, receivedAtMs });
    if (!outcome.ok) {
      sendError(response, outcome.error);
      return;
    }
    const { settings, found } = outcome;
    const isInVain = settings.importHistoryDays !== undefined && engineOf(instance.engineKind).readHistory === undefined;
    const warnings = [...oldReleaseWarning(found.old_release), ...(isInVain ? [HISTORY_UNSUPPORTED] : [])];
    response.json({
      instance: instance.name,
      ok: true,
      chatwoot_base_url: settings.chatwootBaseUrl,
      chatwoot_account_id: settings.chatwootAccountId,
      chatwoot_inbox_name: settings.inboxName,
      ...(found.effect ? { effect: found.effect } : {}),
      ...(found.previous_inbox ? { previous_inbox: found.previous_inbox } : {}),
      ...(warnings.length === 0 ? {} : { warnings }),
      message: 'these settings would activate; nothing was changed',
    });
  };
}
