import { activationErrorSchema } from '../../shared/activations/error.ts';
import { activationTraceSchema } from '../../shared/activations/trace.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { ChatwootCall } from '../auth/guards.ts';

const SHOWN = 20;

/** `GET /api/chatwoot/activations/:instance`: the last attempts and what came of each, the newest first. */
export function createActivationHistory({ prisma }: { prisma: PrismaClient }) {
  return async ({ response, instance }: ChatwootCall): Promise<void> => {
    const rows = await prisma.activation.findMany({
      where: { instanceId: instance.id },
      orderBy: { createdAt: 'desc' },
      take: SHOWN,
      omit: { chatwootToken: true, requestHash: true },
    });
    response.json({
      instance: instance.name,
      activations: rows.map((row) => ({
        id: row.id,
        state: row.state,
        attempt: row.attempt,
        bridge_integration_id: row.bridgeIntegrationId,
        error: shownError(row.error),
        created_at: row.createdAt.toISOString(),
        started_at: row.startedAt?.toISOString() ?? null,
        finished_at: row.finishedAt?.toISOString() ?? null,
        deadline_at: row.deadlineAt.toISOString(),
        trace: shownTrace(row.trace),
      })),
    });
  };
}

function shownError(error: unknown): { code: string; message: string } | null {
  const parsed = activationErrorSchema.safeParse(error);
  return parsed.success ? { code: parsed.data.code, message: parsed.data.message } : null;
}

/** What each try did and how long it took, without the names of our processes. */
function shownTrace(trace: unknown) {
  return (activationTraceSchema.safeParse(trace).data ?? []).map((entry) => ({
    attempt: entry.attempt,
    started_at: entry.startedAt,
    queue_wait_ms: entry.queueWaitMs,
    bridge_ms: entry.bridgeMs ?? null,
    chatwoot_ms: entry.chatwootMs ?? null,
    store_ms: entry.storeMs ?? null,
    outcome: entry.outcome,
  }));
}
