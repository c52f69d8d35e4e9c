import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Activations } from '../activation/begin.ts';
import type { Completion } from '../activation/completion-waiter.ts';
import type { ChatwootCall, Instance } from '../auth/guards.ts';
import { sendError } from '../errors/error-handler.ts';
import type { ApiResponse } from '../http/context.ts';
import { readJsonBody } from '../http/json-body.ts';
import { parseSetBody } from './set-body.ts';

/** `POST /api/chatwoot/set/:instance`: begins (or joins) an activation and answers its outcome, within `timeoutMs`. */
export function createSet(deps: { activations: Activations; timeoutMs: number }) {
  return async ({ request, response, instance }: ChatwootCall): Promise<void> => {
    const { requestId, receivedAtMs } = response.locals;
    const { settings, chatwootToken } = parseSetBody(await readJsonBody(request, response), instance.name);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const { activationId, completion } = await deps.activations.begin({
      instance,
      settings,
      chatwootToken,
      requestId,
      deadlineAt: new Date(receivedAtMs + deps.timeoutMs),
      signal: gone.signal,
    });
    response.setHeader('X-Activation-Id', activationId);
    answer(response, await completion, { instance, activationId, timeoutMs: deps.timeoutMs });
  };
}

function answer(
  response: ApiResponse,
  completion: Completion,
  { instance, activationId, timeoutMs }: { instance: Instance; activationId: string; timeoutMs: number },
): void {
  switch (completion.kind) {
    case 'settled':
      if (completion.outcome.state === 'failed') sendError(response, completion.outcome.error);
      else response.status(201).json(activated(instance, completion.outcome.bridgeIntegrationId));
      return;
    case 'timeout':
      throw new PonteError('activation_timeout', { activationId, seconds: timeoutMs / 1_000, instance: instance.name });
    case 'shutdown':
      throw new PonteError('activation_left_running', { activationId, instance: instance.name });
    case 'cancelled':
      return;
  }
}

const activated = (instance: Instance, bridgeIntegrationId: string) => ({
  instance: instance.name,
  status: 'active',
  bridge_integration_id: bridgeIntegrationId,
  message: 'chatwoot integration activated',
});
