import { z } from 'zod';
import type { ActivationOutcome } from '../../shared/activations/outcome.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { ErrorCode } from '../../shared/errors/catalogue.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Activations } from '../activation/start-activation.ts';
import type { Instance } from '../auth/caller.ts';
import { parseSetBody, setBodySchema } from '../chatwoot/set-body.ts';
import { asPonteError } from '../errors/as-ponte-error.ts';
import type { Locals } from '../http/context.ts';
import { parseBody } from '../http/validate.ts';
import { type AfterActivation, lookAfterActivation } from './after-activation.ts';

const names = Object.keys(setBodySchema.shape);
/** `inboxName` of `set` is `chatwootInboxName` here; what already begins so keeps its name. */
const inlineName = (name: string): string =>
  name.startsWith('chatwoot') ? name : `chatwoot${name.charAt(0).toUpperCase()}${name.slice(1)}`;

/** The `chatwoot*` keys of `POST /api/instance/new`: those of `set`, all with the prefix. */
export const inlineChatwootSchema = z.object(
  Object.fromEntries(Object.entries(setBodySchema.shape).map(([name, schema]) => [inlineName(name), schema])),
);

/** Throws PonteError `invalid_body`, with the names as they were given. */
function parseInlineBody(body: unknown): ReturnType<typeof parseSetBody> {
  parseBody(inlineChatwootSchema, body);
  const given = z.record(z.string(), z.unknown()).parse(body);
  return parseSetBody(Object.fromEntries(names.map((name) => [name, given[inlineName(name)]])));
}

export type InlineChatwoot =
  | ({ status: 'active'; bridge_integration_id: string; message: string } & Partial<AfterActivation>)
  | { status: 'error'; error: string; code: ErrorCode };

/**
 * Activates a new instance with what its creation said of Chatwoot. Whatever goes wrong is told in the answer: the instance exists all
 * the same, and `set` can mend it.
 */
export function createInlineActivation(deps: {
  prisma: PrismaClient;
  activations: Activations;
  gatewayConfigured: boolean;
  timeoutMs: number;
}) {
  async function outcomeOf(
    parsed: ReturnType<typeof parseInlineBody>,
    instance: Instance,
    locals: Locals,
    signal: AbortSignal,
  ): Promise<ActivationOutcome> {
    const started = await deps.activations.start({
      instance,
      ...parsed,
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
      if (!deps.gatewayConfigured) throw new PonteError('gateway_not_configured');
      const parsed = parseInlineBody(body);
      const outcome = await outcomeOf(parsed, instance, locals, signal);
      if (outcome.state === 'failed') return { status: 'error', error: outcome.error.message, code: outcome.error.code };
      const asksHistory = parsed.settings.importHistoryDays !== undefined;
      const about = { instance, oldRelease: outcome.oldRelease, asksHistory };
      const { warnings, history } = await lookAfterActivation(deps.prisma, about, locals.log);
      return {
        status: 'active',
        bridge_integration_id: outcome.bridgeIntegrationId,
        message: 'chatwoot integration activated',
        ...(history === undefined ? {} : { history }),
        ...(warnings.length === 0 ? {} : { warnings }),
      };
    } catch (error) {
      const known = asPonteError(error);
      if (known === undefined) locals.log.error({ err: error }, 'unexpected error');
      const { message, code } = known ?? new PonteError('internal', { requestId: locals.requestId });
      return { status: 'error', error: message, code };
    }
  };
}
