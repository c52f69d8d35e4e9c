import { readPreviousInbox } from '../../shared/activations/previous-inbox.ts';
import type { BridgeClient, LiveIntegration } from '../../shared/bridge-client/client.ts';
import type { BridgeOutcome } from '../../shared/bridge-client/outcome.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { findHistory } from '../../shared/histories/view.ts';
import { connectionView, engineColumns, engineView, findWebhooks } from '../../shared/instances/engine-view.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { Instance } from '../auth/caller.ts';
import type { ChatwootCall } from '../auth/guards.ts';
import { API_LIMITS } from '../timeouts.ts';
import { readWaiting, type WaitingEvents } from './queries/read-waiting.ts';

const LOST = 'the bridge no longer knows this integration — activate it again';

/**
 * The integration as recorded, with `status` and `last_error` as the bridge sees them now. Without the bridge it is what is recorded. The
 * rest of what the bridge tells is under `live`. Throws PonteError `integration_not_found`.
 */
export type LookAtIntegration = ReturnType<typeof createIntegrationLook>;

export function createIntegrationLook({ prisma }: { prisma: PrismaClient }) {
  return async (instance: Instance, call: { bridge: BridgeClient; requestId: string; log: Logger }) => {
    const { bridge, requestId, log } = call;
    const found = await prisma.chatwootIntegration.findUnique({
      where: { instanceId: instance.id },
      include: { instance: { select: engineColumns } },
    });
    if (!found) throw new PonteError('integration_not_found');
    const { instance: paired, ...row } = found;
    const webhook = (await findWebhooks(prisma, [instance.id])).get(instance.id);
    const [outcome, waiting, history] = await Promise.all([
      bridge.get(row.bridgeIntegrationId, { timeoutMs: API_LIMITS.listMs, requestId }),
      readWaiting(prisma, instance.id),
      findHistory(prisma, instance.id),
    ]);
    if (!outcome.ok) log.warn({ instance: instance.name, failure: outcome.failure.kind }, 'the bridge could not be asked');
    const live = outcome.ok ? outcome.value : undefined;
    const inboxId = row.chatwootInboxId || live?.inbox_id || 0;
    const inboxName = live?.inbox_name || row.chatwootInboxName;
    if (inboxId !== row.chatwootInboxId || inboxName !== row.chatwootInboxName) {
      await recordInbox(prisma, row, { chatwootInboxId: inboxId, chatwootInboxName: inboxName }, log);
    }
    const { status, lastError } = health(row, outcome);
    const previousInbox = readPreviousInbox(row.previousInbox);
    return {
      instance_name: instance.name,
      status,
      bridge_integration_id: row.bridgeIntegrationId,
      chatwoot_base_url: row.chatwootBaseUrl,
      chatwoot_account_id: row.chatwootAccountId,
      chatwoot_inbox_id: inboxId,
      chatwoot_inbox_name: inboxName,
      last_error: lastError,
      created_at: row.createdAt.toISOString(),
      ...(previousInbox === undefined ? {} : { previous_inbox: previousInbox }),
      ...(history === undefined ? {} : { history }),
      engine: engineView(paired, webhook),
      connection: connectionView(paired),
      live: live === undefined ? { available: false as const } : { available: true as const, ...liveFields(live, waiting) },
    };
  };
}

/** `GET /api/chatwoot/list/:instance`. */
export function createListHandler(look: LookAtIntegration) {
  return async ({ response, instance, bridge }: ChatwootCall): Promise<void> => {
    const { requestId, log } = response.locals;
    response.json(await look(instance, { bridge, requestId, log }));
  };
}

function health(
  row: { status: string; lastError: string },
  outcome: BridgeOutcome<LiveIntegration | undefined>,
): { status: string; lastError: string } {
  if (!outcome.ok) return { status: row.status, lastError: row.lastError };
  if (outcome.value === undefined) return { status: 'error', lastError: LOST };
  return { status: outcome.value.status, lastError: outcome.value.last_error };
}

/** Only what we know of: another bridge may tell more than its caller should see. */
function liveFields(live: LiveIntegration, waiting: WaitingEvents) {
  return {
    token_valid: live.token_valid ?? null,
    inbox_exists: live.inbox_exists ?? null,
    webhook_url_is_ours: live.webhook_url_is_ours ?? null,
    repaired: live.repaired ?? null,
    stream_connected: live.stream_connected ?? null,
    last_to_chatwoot_at: live.last_to_chatwoot_at ?? null,
    last_to_whatsapp_at: live.last_to_whatsapp_at ?? null,
    waiting_to_chatwoot: waiting.count,
    waiting_to_chatwoot_seconds: waiting.age,
    waiting_to_whatsapp: live.waiting_to_whatsapp ?? null,
    proven_at: live.proven_at ?? null,
  };
}

/** What was unknown of the inbox, or was changed in Chatwoot. */
async function recordInbox(
  prisma: PrismaClient,
  { id, activationId }: { id: string; activationId: string },
  data: { chatwootInboxId: number; chatwootInboxName: string },
  log: Logger,
): Promise<void> {
  try {
    // Only where no other activation has written meanwhile what is newer.
    await prisma.chatwootIntegration.updateMany({ where: { id, activationId }, data });
  } catch (error) {
    log.warn({ reason: String(error) }, 'what the bridge told of the inbox could not be recorded; the next look does it');
  }
}
