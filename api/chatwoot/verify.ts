import { classifyBridgeFailure } from '../../shared/bridge-client/classification.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { ChatwootCall } from '../auth/guards.ts';
import { sendError } from '../errors/error-handler.ts';
import type { EngineWay } from '../instances/engine-way.ts';
import { API_LIMITS } from '../timeouts.ts';

/**
 * `POST /api/chatwoot/verify/:instance`: proves that Chatwoot reaches the bridge, and asks the WhatsApp engine where it delivers. What does
 * not hold is no error of the request: the answer says what to change.
 */
export function createVerify(deps: { prisma: PrismaClient; bridgeUrl: string; engineWay: EngineWay }) {
  return async ({ response, instance, bridge }: ChatwootCall): Promise<void> => {
    const row = await deps.prisma.chatwootIntegration.findUnique({ where: { instanceId: instance.id } });
    if (!row) throw new PonteError('integration_not_found');
    const { requestId } = response.locals;
    const [outcome, engine] = await Promise.all([
      bridge.verify(row.bridgeIntegrationId, { timeoutMs: API_LIMITS.verifyMs, requestId }),
      deps.engineWay(instance.id),
    ]);
    if (!outcome.ok) {
      sendError(response, classifyBridgeFailure(outcome.failure, row, deps.bridgeUrl));
      return;
    }
    const way = outcome.value ?? { proven: false, reason: 'the bridge no longer knows this integration — activate it again' };
    response.json({
      instance: instance.name,
      ok: way.proven && engine.ok !== false,
      chatwoot_to_ponte: {
        ok: way.proven,
        message: way.proven ? 'webhooks of Chatwoot arrive' : way.reason,
        took_ms: way.took_ms ?? null,
        proven_at: way.proven_at ?? null,
      },
      engine_to_ponte: engine,
    });
  };
}
