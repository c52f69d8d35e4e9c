import { findByKey, findUnfinished } from '../../shared/activations/find.ts';
import { type ActivationOutcome, outcomeOf } from '../../shared/activations/outcome.ts';
import { isForeignKeyViolation, type PrismaClient, uniqueViolation } from '../../shared/database/database.ts';
import type { Instance } from '../auth/caller.ts';

/** What there already is of a request for an activation. */
export type ExistingActivation =
  | { readonly kind: 'none' }
  /** The same request is under way. */
  | { readonly kind: 'same'; readonly id: string; readonly deadlineAt: Date }
  /** The same request, by its Idempotency-Key, has been answered. */
  | { readonly kind: 'finished'; readonly id: string; readonly outcome: ActivationOutcome }
  /** Nobody has finished it in time. */
  | { readonly kind: 'overdue'; readonly id: string }
  /** Another request of the instance is under way. */
  | { readonly kind: 'conflict'; readonly id: string }
  /** The Idempotency-Key belongs to another request. */
  | { readonly kind: 'key_reused'; readonly id: string }
  /** It changed while we looked: look again. */
  | { readonly kind: 'changed' };

/** Looks by Idempotency-Key first, if there is one, and then for whatever of the instance is unfinished. */
export async function findExisting(
  prisma: PrismaClient,
  { instance, idempotencyKey }: { instance: Instance; idempotencyKey?: string | undefined },
  hash: string,
): Promise<ExistingActivation> {
  if (idempotencyKey !== undefined) {
    const earlier = await findEarlier(prisma, { instanceId: instance.id, idempotencyKey }, hash);
    if (earlier.kind !== 'none') return earlier;
  }
  const row = await findUnfinished(prisma, instance.id);
  if (row === undefined) return { kind: 'none' };
  if (row.isOverdue) return { kind: 'overdue', id: row.id };
  if (row.requestHash !== hash) return { kind: 'conflict', id: row.id };
  if (idempotencyKey !== undefined && !(await remember(prisma, row.id, { instanceId: instance.id, idempotencyKey }))) {
    return { kind: 'changed' };
  }
  return { kind: 'same', id: row.id, deadlineAt: row.deadlineAt };
}

/**
 * An answer that was final is given again. After a failure that another try can mend the key is free again, or a client that does as it
 * is told (try again) would hear of the old failure for ever.
 */
async function findEarlier(
  prisma: PrismaClient,
  key: { instanceId: string; idempotencyKey: string },
  hash: string,
): Promise<ExistingActivation> {
  const row = await findByKey(prisma, key);
  if (row === undefined) return { kind: 'none' };
  if (row.requestHash !== hash) return { kind: 'key_reused', id: row.id };
  if (row.state === 'pending' || row.state === 'running') {
    return row.isOverdue ? { kind: 'overdue', id: row.id } : { kind: 'same', id: row.id, deadlineAt: row.deadlineAt };
  }
  const outcome = outcomeOf(row);
  if (outcome.state === 'succeeded' || !outcome.error.retryable) return { kind: 'finished', id: row.id, outcome };
  const { instanceId, idempotencyKey } = key;
  await prisma.activationKey.deleteMany({ where: { instanceId, key: idempotencyKey, activationId: row.id } });
  await prisma.activation.updateMany({ where: { id: row.id, idempotencyKey }, data: { idempotencyKey: null } });
  return { kind: 'none' };
}

/** From now on this key means this activation; false when it has come to mean another, or the activation is gone. */
async function remember(
  prisma: PrismaClient,
  activationId: string,
  { instanceId, idempotencyKey }: { instanceId: string; idempotencyKey: string },
): Promise<boolean> {
  try {
    await prisma.activationKey.create({ data: { instanceId, key: idempotencyKey, activationId } });
    return true;
  } catch (error) {
    if (uniqueViolation(error) !== undefined || isForeignKeyViolation(error)) return false;
    throw error;
  }
}
