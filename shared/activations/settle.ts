import { z } from 'zod';
import { createId } from '../auth/tokens.ts';
import type { ActivatedIntegration } from '../bridge-client/client.ts';
import type { Prisma, PrismaClient } from '../database/database.ts';
import type { Keyring } from '../encryption/keyring.ts';
import { wishForEvents } from '../instances/webhook-wish.ts';
import type { ClaimedActivation } from './claim.ts';
import type { ActivationError } from './error.ts';
import { newRemoval } from './removals.ts';
import { integrationColumns } from './settings.ts';
import { ACTIVATION_SETTLED_CHANNEL } from './settled-channel.ts';
import type { TraceEntry } from './trace.ts';

type Transaction = Prisma.TransactionClient;

/** What a write came to. `lost`: another attempt holds the activation now, or it has ended. */
export type Write = { readonly kind: 'written'; readonly removalIds: readonly string[] } | { readonly kind: 'lost' };

export const LOST: Write = { kind: 'lost' };

/** Adds to the trace of an activation that goes on. */
export async function recordTry(prisma: Transaction, activation: ClaimedActivation, entry: TraceEntry): Promise<void> {
  await prisma.activation.updateMany({ where: held(activation), data: { trace: [...activation.trace, entry] } });
}

/** Records the integration and that the activation has succeeded; has the integration it takes the place of removed. */
export const succeedActivation = (
  { prisma, keyring }: { prisma: PrismaClient; keyring: Keyring },
  activation: ClaimedActivation,
  result: ActivatedIntegration,
  entry: TraceEntry,
): Promise<Write> =>
  prisma.$transaction(async (tx) => {
    const startedAt = performance.now();
    const current = await lockHeld(tx, activation);
    if (current === undefined) return LOST;
    await saveIntegration(tx, keyring, activation, result);
    await wishForEvents(tx, keyring, activation.instanceId);
    const replaced = new Set([current.bridgeIntegrationId, result.replaces].filter((id) => id && id !== result.id));
    const removals = [...replaced].map((id) => newRemoval(activation, { bridgeIntegrationId: id ?? '' }, 'superseded'));
    if (removals.length > 0) await tx.removal.createMany({ data: removals });
    const trace = [...activation.trace, { ...entry, storeMs: Math.round(performance.now() - startedAt) }];
    await tx.$executeRaw`
      WITH ended AS (
        UPDATE activations
        SET state = 'succeeded', bridge_integration_id = ${result.id}, chatwoot_token = NULL, finished_at = now(), error = NULL,
          previous_inbox = ${result.previous_inbox ? JSON.stringify(result.previous_inbox) : null}::jsonb,
          trace = ${JSON.stringify(trace)}::jsonb
        WHERE id = ${activation.id}
        RETURNING id
      )
      SELECT pg_notify(${ACTIVATION_SETTLED_CHANNEL}, id) FROM ended`;
    return { kind: 'written', removalIds: removals.map(({ id }) => id) };
  });

/** Records that it has failed for good; `undo` has whatever it may have left at the bridge removed. */
export const failActivation = (
  prisma: PrismaClient,
  activation: ClaimedActivation,
  { error, entry, undo }: { error: ActivationError; entry: TraceEntry; undo: boolean },
): Promise<Write> =>
  prisma.$transaction(async (tx) => {
    const { count } = await tx.activation.updateMany({
      where: held(activation),
      data: { state: 'failed', error, chatwootToken: null, finishedAt: new Date(), trace: [...activation.trace, entry] },
    });
    if (count === 0) return LOST;
    const removals = undo ? [newRemoval(activation, { activationId: activation.id }, 'activation_failed')] : [];
    if (removals.length > 0) await tx.removal.createMany({ data: removals });
    await tx.$executeRaw`SELECT pg_notify(${ACTIVATION_SETTLED_CHANNEL}, ${activation.id})`;
    return { kind: 'written', removalIds: removals.map(({ id }) => id) };
  });

const held = ({ id, attempt }: ClaimedActivation) => ({ id, attempt, state: 'running' as const });

const currentSchema = z.object({ bridgeIntegrationId: z.string().nullable() });

/**
 * Locks the row if the claim still holds, and answers which integration the instance has so far. The instance comes first, as it does
 * when an instance is deleted: the other way round the two could wait for each other.
 */
async function lockHeld(tx: Transaction, { id, attempt, instanceId }: ClaimedActivation) {
  const [row] = await tx.$queryRaw<unknown[]>`
    SELECT c.bridge_integration_id AS "bridgeIntegrationId"
    FROM instances i
    JOIN activations a ON a.instance_id = i.id
    LEFT JOIN chatwoot_integrations c ON c.instance_id = i.id
    WHERE i.id = ${instanceId} AND a.id = ${id} AND a.attempt = ${attempt} AND a.state = 'running'
    FOR KEY SHARE OF i FOR UPDATE OF a`;
  return row === undefined ? undefined : currentSchema.parse(row);
}

async function saveIntegration(
  tx: Transaction,
  keyring: Keyring,
  { id, instanceId, settings, chatwootToken }: ClaimedActivation,
  result: ActivatedIntegration,
): Promise<void> {
  const columns = integrationColumns(settings);
  const values = {
    ...columns,
    bridgeIntegrationId: result.id,
    chatwootToken: underFirstKey(keyring, chatwootToken, instanceId),
    chatwootInboxId: result.inbox_id ?? 0,
    chatwootInboxName: result.inbox_name ?? columns.chatwootInboxName,
    // One that an earlier move has left is still there.
    ...(result.previous_inbox ? { previousInbox: result.previous_inbox } : {}),
    status: result.status,
    lastError: '',
    activationId: id,
  };
  await tx.chatwootIntegration.upsert({
    where: { instanceId },
    create: { id: createId('cwi'), instanceId, ...values },
    update: values,
  });
}

/** The same secret under the first key: one that was encrypted before a rotation does not live on under the old key. */
function underFirstKey(keyring: Keyring, envelope: string, instanceId: string): string {
  if (keyring.isCurrent(envelope)) return envelope;
  const context = { purpose: 'chatwoot-token', owner: instanceId } as const;
  return keyring.encrypt(keyring.decrypt(envelope, context), context);
}
