import { z } from 'zod';
import type { ErrorCode } from '../../shared/errors/catalogue.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { ActivationOutcome } from '../activation/completion-waiter.ts';
import type { Activations } from '../activation/start-activation.ts';
import type { Instance } from '../auth/guards.ts';
import { chatwootAccountId, chatwootApiToken, chatwootBaseUrl, flags, inboxName } from '../chatwoot/fields.ts';
import { asPonteError } from '../errors/as-ponte-error.ts';
import type { Locals } from '../http/context.ts';
import { parseBody } from '../http/validate.ts';

/** The `chatwoot*` keys of `POST /api/instance/new`: those of `set`, all with the prefix. */
export const inlineChatwootSchema = z.object({
  chatwootBaseUrl,
  chatwootAccountId,
  chatwootApiToken,
  chatwootInboxName: inboxName,
  chatwootSignMessages: flags.signMessages,
  chatwootIgnoreGroups: flags.ignoreGroups,
  chatwootStartAsPending: flags.startAsPending,
  chatwootReopenResolved: flags.reopenResolved,
});

export type InlineChatwoot =
  | { status: 'active'; bridge_integration_id: string; message: string }
  | { status: 'error'; error: string; code: ErrorCode };

/**
 * Activates a new instance with what its creation said of Chatwoot. Whatever goes wrong is told in the answer: the instance exists all
 * the same, and `set` can mend it.
 */
export function createInlineActivation(deps: { activations: Activations; gatewayConfigured: boolean; timeoutMs: number }) {
  async function outcomeOf(body: unknown, instance: Instance, locals: Locals, signal: AbortSignal): Promise<ActivationOutcome> {
    if (!deps.gatewayConfigured) throw new PonteError('gateway_not_configured');
    const given = parseBody(inlineChatwootSchema, body);
    const started = await deps.activations.start({
      instance,
      settings: {
        chatwootBaseUrl: given.chatwootBaseUrl,
        chatwootAccountId: given.chatwootAccountId,
        inboxName: given.chatwootInboxName,
        signMessages: given.chatwootSignMessages,
        ignoreGroups: given.chatwootIgnoreGroups,
        startAsPending: given.chatwootStartAsPending,
        reopenResolved: given.chatwootReopenResolved,
      },
      chatwootToken: given.chatwootApiToken,
      requestId: locals.requestId,
      deadlineAt: new Date(locals.receivedAtMs + deps.timeoutMs),
      signal,
    });
    if (started.kind === 'finished') return started.outcome;
    const { activationId } = started;
    const completion = await started.completion;
    if (completion.kind === 'settled') return completion.outcome;
    if (completion.kind === 'shutdown')
      throw new PonteError('activation_left_running', { activationId, instance: instance.name });
    throw new PonteError('activation_timeout', { activationId, seconds: deps.timeoutMs / 1_000, instance: instance.name });
  }

  return async (body: unknown, instance: Instance, locals: Locals, signal: AbortSignal): Promise<InlineChatwoot> => {
    try {
      const outcome = await outcomeOf(body, instance, locals, signal);
      return outcome.state === 'succeeded'
        ? {
            status: 'active',
            bridge_integration_id: outcome.bridgeIntegrationId,
            message: 'chatwoot integration activated',
          }
        : { status: 'error', error: outcome.error.message, code: outcome.error.code };
    } catch (error) {
      const known = asPonteError(error);
      if (known === undefined) locals.log.error({ err: error }, 'a defect');
      const { message, code } = known ?? new PonteError('internal', { requestId: locals.requestId });
      return { status: 'error', error: message, code };
    }
  };
}
