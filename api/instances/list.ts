import type { Prisma, PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { connectionView, engineView, findWebhooks } from '../../shared/instances/engine-view.ts';
import { type CustomerCall, INSTANCE_NAME } from '../auth/guards.ts';

/**
 * `GET /api/instance/list[?instanceName=a,b]`. A TokenInstance sees its own instance, whatever the filter says. A single unknown name is
 * 404; of several, the known ones are answered.
 */
export function createInstanceList({ prisma }: { prisma: PrismaClient }) {
  return async ({ request, response, caller }: CustomerCall): Promise<void> => {
    const names = caller.kind === 'instance' ? undefined : namesIn(request.query.instanceName);
    const instances = await findInstances(prisma, {
      accountId: caller.accountId,
      ...(caller.kind === 'instance' ? { id: caller.instanceId } : inNames(names)),
    });
    const { length } = instances;
    if (names?.length === 1 && length === 0) throw new PonteError('instance_not_found');
    response.json({
      success: true,
      message: length === 1 ? '1 Instance found' : `${length} Instances found`,
      instances,
      meta: { total: length },
    });
  };
}

/** Instances as callers see them: without a secret. */
export async function findInstances(prisma: PrismaClient, where: Prisma.InstanceWhereInput) {
  const rows = await prisma.instance.findMany({
    where,
    orderBy: { createdAt: 'asc' },
    omit: { tokenHash: true, engineToken: true, engineSecret: true, deliveryKey: true, deliveryKeyHash: true },
    include: { integration: { omit: { chatwootToken: true } } },
  });
  const webhooks = await findWebhooks(
    prisma,
    rows.map(({ id }) => id),
  );
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    status: row.connectionState === 'connected' ? 'connected' : 'disconnected',
    connection: connectionView(row),
    engine_kind: row.engineKind,
    engine: engineView(row, webhooks.get(row.id)),
    chatwoot: row.integration
      ? {
          enabled: true,
          status: row.integration.status,
          bridge_integration_id: row.integration.bridgeIntegrationId,
          chatwoot_base_url: row.integration.chatwootBaseUrl,
          chatwoot_account_id: row.integration.chatwootAccountId,
          chatwoot_inbox_id: row.integration.chatwootInboxId,
          chatwoot_inbox_name: row.integration.chatwootInboxName,
          last_error: row.integration.lastError,
        }
      : { enabled: false },
    created_at: row.createdAt.toISOString(),
  }));
}

const inNames = (names: string[] | undefined) => (names === undefined ? {} : { name: { in: names } });

/** `a,b`, given once or several times; undefined when there is no filter. */
function namesIn(query: unknown): string[] | undefined {
  const texts = (Array.isArray(query) ? query : [query]).filter((text): text is string => typeof text === 'string');
  const names = texts.flatMap((text) => text.split(',')).map((name) => name.trim());
  const given = [...new Set(names.filter((name) => name !== ''))];
  // What cannot be a name is nobody's name; PostgreSQL must not be asked for it.
  return given.length === 0 ? undefined : given.map((name) => (INSTANCE_NAME.test(name) ? name : '?'));
}
