import type { ActivationOutcome } from '../../shared/activations/outcome.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Completion } from '../activation/completion-waiter.ts';
import type { Activations } from '../activation/start-activation.ts';
import type { Instance } from '../auth/caller.ts';
import type { ChatwootCall } from '../auth/guards.ts';
import { sendError } from '../errors/error-handler.ts';
import { connectionClosed } from '../http/connection-closed.ts';
import type { ApiResponse } from '../http/context.ts';
import { readJsonBody } from '../http/json-body.ts';
import { idempotencyKeyOf, prefersAsync } from '../http/request-headers.ts';
import { lookAfterActivation } from '../instances/after-activation.ts';
import { parseSetBody } from './set-body.ts';

/**
 * `POST /api/chatwoot/set/:instance`: begins (or joins) an activation and answers its outcome, within `timeoutMs`. With
 * `Prefer: respond-async` it answers 202 at once, and where to look.
 */
export function createSet(deps: { prisma: PrismaClient; activations: Activations; timeoutMs: number }) {
  const { prisma } = deps;
  return async ({ request, response, instance }: ChatwootCall): Promise<void> => {
    const { requestId, receivedAtMs } = response.locals;
    const idempotencyKey = idempotencyKeyOf(request);
    const { settings, chatwootToken } = parseSetBody(await readJsonBody(request, response));
    const signal = connectionClosed(response);
    const started = await deps.activations.start({
      instance,
      settings,
      chatwootToken,
      requestId,
      idempotencyKey,
      deadlineAt: new Date(receivedAtMs + deps.timeoutMs),
      signal,
    });
    const { activationId } = started;
    response.setHeader('X-Activation-Id', activationId);
    const about = { instance, activationId, timeoutMs: deps.timeoutMs, asksHistory: settings.importHistoryDays !== undefined };
    if (started.kind === 'finished') return answerOutcome(prisma, response, started.outcome, about);
    if (prefersAsync(request)) return answerAccepted(response, instance, activationId);
    return answer(prisma, response, await started.completion, about);
  };
}

/** What is asked for. */
interface About {
  readonly instance: Instance;
  readonly activationId: string;
  readonly timeoutMs: number;
  readonly asksHistory: boolean;
}

async function answer(prisma: PrismaClient, response: ApiResponse, completion: Completion, about: About): Promise<void> {
  const { instance, activationId, timeoutMs } = about;
  switch (completion.kind) {
    case 'settled':
      return answerOutcome(prisma, response, completion.outcome, about);
    case 'timeout':
      throw new PonteError('activation_timeout', { activationId, seconds: timeoutMs / 1_000, instance: instance.name });
    case 'shutdown':
      throw new PonteError('activation_left_running', { activationId, instance: instance.name });
    case 'cancelled':
      return;
  }
}

async function answerOutcome(
  prisma: PrismaClient,
  response: ApiResponse,
  outcome: ActivationOutcome,
  { instance, asksHistory }: Pick<About, 'instance' | 'asksHistory'>,
): Promise<void> {
  if (outcome.state === 'failed') {
    sendError(response, outcome.error);
    return;
  }
  const { warnings, history } = await lookAfterActivation(
    prisma,
    { instance, oldRelease: outcome.oldRelease, asksHistory },
    response.locals.log,
  );
  response.status(201).json({
    instance: instance.name,
    status: 'active',
    bridge_integration_id: outcome.bridgeIntegrationId,
    message: 'chatwoot integration activated',
    ...(outcome.previousInbox === undefined ? {} : { previous_inbox: outcome.previousInbox }),
    ...(history === undefined ? {} : { history }),
    ...(warnings.length === 0 ? {} : { warnings }),
  });
}

function answerAccepted(response: ApiResponse, instance: Instance, activationId: string): void {
  const location = `/api/chatwoot/activations/${instance.name}`;
  response.setHeader('Preference-Applied', 'respond-async');
  response.setHeader('Location', location);
  response.status(202).json({
    instance: instance.name,
    status: 'pending',
    activation_id: activationId,
    message: `chatwoot integration is being activated — look at GET ${location}`,
  });
}
