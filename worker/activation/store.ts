import { createId } from '../../shared/auth/tokens.ts';
import type { ActivatedIntegration } from '../../shared/bridge-client/client.ts';
import {
  ACTIVATION_SETTLED_CHANNEL,
  type ActivationError,
  type ActivationTrace,
  activationErrorSchema,
} from '../../shared/contracts/activation.ts';
import { Prisma, type PrismaClient } from '../../shared/database/database.ts';
import type { Keyring } from '../../shared/encryption/keyring.ts';
import { newRemoval } from '../removal/new-removal.ts';
import { type Claim, type ClaimedActivation, claimedActivationSchema, type Write } from './claimed.ts';

type TraceEntry = ActivationTrace[number];
type Transaction = Prisma.TransactionClient;

const LOST: Write = { kind: 'lost' };

/**
 * The rows of activations as the worker reads and writes them. Every write that follows a claim holds only while that claim does, so a
 * worker that was paused and wakes up cannot overwrite what another has done meanwhile. What a write makes necessary (taking down an
 * integration that was replaced, undoing a failed activation) is written in the same transaction.
 */
export function createActivationStore({ prisma, keyring }: { prisma: PrismaClient; keyring: Keyring }) {
  return {
    /** Takes the activation, unless it has ended or its deadline has passed; raises its attempt number. */
    async claim(activationId: string): Promise<Claim> {
      const [row] = await prisma.$queryRaw<unknown[]>`
        UPDATE activations a
        SET attempt = a.attempt + 1, state = 'running', started_at = coalesce(a.started_at, now())
        FROM instances i
        WHERE a.id = ${activationId} AND i.id = a.instance_id AND a.state IN ('pending', 'running') AND a.deadline_at > now()
        RETURNING a.id, a.attempt, a.settings, a.trace, i.id AS "instanceId", i.name AS "instanceName", i.account_id AS "accountId",
          a.chatwoot_token AS "chatwootToken", a.request_id AS "requestId", a.created_at AS "createdAt", a.deadline_at AS "deadlineAt",
          (extract(epoch FROM a.deadline_at - clock_timestamp()) * 1000)::float8 AS "remainingMs"`;
      if (row !== undefined) {
        const parsed = claimedActivationSchema.safeParse(row);
        return parsed.success ? { kind: 'claimed', activation: parsed.data } : { kind: 'unreadable' };
      }
      const ended = await prisma.activation.findUnique({ where: { id: activationId }, select: { state: true, error: true } });
      if (ended === null) return { kind: 'gone' };
      if (ended.state === 'succeeded') return { kind: 'succeeded' };
      if (ended.state === 'failed') return { kind: 'failed', error: activationErrorSchema.safeParse(ended.error).data };
      return { kind: 'expired' };
    },

    /** Adds to the trace of an activation that goes on. */
    async recordTry(activation: ClaimedActivation, entry: TraceEntry): Promise<void> {
      await prisma.activation.updateMany({ where: held(activation), data: { trace: [...activation.trace, entry] } });
    },

    /** Records the integration and that the activation has succeeded; has the integration it takes the place of removed. */
    succeed: (activation: ClaimedActivation, result: ActivatedIntegration, entry: TraceEntry): Promise<Write> =>
      prisma.$transaction(async (tx) => {
        const startedAt = performance.now();
        const current = await lockHeld(tx, activation);
        if (current === undefined) return LOST;
        await saveIntegration(tx, keyring, activation, result);
        const replaced = new Set([current.bridgeIntegrationId, result.replaces].filter((id) => id && id !== result.id));
        const removals = [...replaced].map((id) => newRemoval(activation, { bridgeIntegrationId: id ?? '' }, 'superseded'));
        if (removals.length > 0) await tx.removal.createMany({ data: removals });
        const trace = [...activation.trace, { ...entry, storeMs: Math.round(performance.now() - startedAt) }];
        await tx.$executeRaw`
          WITH ended AS (
            UPDATE activations
            SET state = 'succeeded', bridge_integration_id = ${result.id}, chatwoot_token = NULL, finished_at = now(), error = NULL,
              trace = ${JSON.stringify(trace)}::jsonb
            WHERE id = ${activation.id}
            RETURNING id
          )
          SELECT pg_notify(${ACTIVATION_SETTLED_CHANNEL}, id) FROM ended`;
        return { kind: 'written', removalIds: removals.map(({ id }) => id) };
      }),

    /** Records that it has failed for good; `undo` has whatever it may have left at the bridge removed. */
    fail: (activation: ClaimedActivation, error: ActivationError, entry: TraceEntry, undo: boolean): Promise<Write> =>
      prisma.$transaction(async (tx) => {
        const { count } = await tx.activation.updateMany({
          where: held(activation),
          data: { ...failedWith(error), trace: [...activation.trace, entry] },
        });
        if (count === 0) return LOST;
        return undoAndNotify(tx, activation, undo);
      }),

    /**
     * Ends an activation on which no attempt of ours is under way: its deadline has passed (`onlyOverdue`), or the queue gave it up. If
     * any attempt was ever made, whatever that may have left is removed.
     */
    abandon: (activationId: string, error: ActivationError, { onlyOverdue }: { onlyOverdue: boolean }): Promise<Write> =>
      prisma.$transaction(async (tx) => {
        const [row] = await tx.$queryRaw<{ attempt: number; instanceId: string; instanceName: string; accountId: string }[]>`
          UPDATE activations a
          SET state = 'failed', error = ${JSON.stringify(error)}::jsonb, chatwoot_token = NULL, finished_at = now()
          FROM instances i
          WHERE a.id = ${activationId} AND i.id = a.instance_id AND a.state IN ('pending', 'running')
            AND (NOT ${onlyOverdue} OR a.deadline_at <= now())
          RETURNING a.attempt, i.id AS "instanceId", i.name AS "instanceName", i.account_id AS "accountId"`;
        if (row === undefined) return LOST;
        return undoAndNotify(tx, { ...row, id: activationId }, row.attempt > 0);
      }),

    /**
     * Cleans up after an attempt that has lost its claim although it did, or may have done, something at the bridge: if the activation
     * has failed or is gone meanwhile, nobody else does. `bridgeIntegrationId` is what it made, where that is known.
     */
    undoAfterLoss: (activation: ClaimedActivation, bridgeIntegrationId: string | undefined): Promise<Write> =>
      prisma.$transaction(async (tx) => {
        const now = await tx.activation.findUnique({
          where: { id: activation.id },
          select: { state: true, bridgeIntegrationId: true },
        });
        const removal =
          now === null ? removeAll(activation, bridgeIntegrationId) : removalFor(now, activation, bridgeIntegrationId);
        if (removal === undefined) return LOST;
        await tx.removal.create({ data: removal });
        return { kind: 'written', removalIds: [removal.id] };
      }),
  };
}

export type ActivationStore = ReturnType<typeof createActivationStore>;

const held = ({ id, attempt }: ClaimedActivation) => ({ id, attempt, state: 'running' as const });

const failedWith = (error: ActivationError) => ({
  state: 'failed' as const,
  error,
  chatwootToken: null,
  finishedAt: new Date(),
});

/**
 * Locks the row if the claim still holds, and answers which integration the instance has so far. The instance comes first, as it does
 * when an instance is deleted: the other way round the two could wait for each other.
 */
async function lockHeld(
  tx: Transaction,
  { id, attempt, instanceId }: ClaimedActivation,
): Promise<{ bridgeIntegrationId: string | null } | undefined> {
  const [row] = await tx.$queryRaw<{ bridgeIntegrationId: string | null }[]>`
    SELECT c.bridge_integration_id AS "bridgeIntegrationId"
    FROM instances i
    JOIN activations a ON a.instance_id = i.id
    LEFT JOIN chatwoot_integrations c ON c.instance_id = i.id
    WHERE i.id = ${instanceId} AND a.id = ${id} AND a.attempt = ${attempt} AND a.state = 'running'
    FOR KEY SHARE OF i FOR UPDATE OF a`;
  return row;
}

async function saveIntegration(
  tx: Transaction,
  keyring: Keyring,
  { id, instanceId, settings, chatwootToken }: ClaimedActivation,
  result: ActivatedIntegration,
): Promise<void> {
  const { inboxName, ...rest } = settings;
  const values = {
    ...rest,
    bridgeIntegrationId: result.id,
    chatwootToken: current(keyring, chatwootToken, instanceId),
    chatwootInboxId: result.inbox_id ?? 0,
    chatwootInboxName: result.inbox_name ?? inboxName,
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
function current(keyring: Keyring, envelope: string, instanceId: string): string {
  if (keyring.isCurrent(envelope)) return envelope;
  const context = { purpose: 'chatwoot-token', owner: instanceId } as const;
  return keyring.encrypt(keyring.decrypt(envelope, context), context);
}

async function undoAndNotify(
  tx: Transaction,
  activation: { id: string; instanceId: string; instanceName: string; accountId: string },
  undo: boolean,
): Promise<Write> {
  const removals = undo ? [newRemoval(activation, { activationId: activation.id }, 'activation_failed')] : [];
  if (removals.length > 0) await tx.removal.createMany({ data: removals });
  await tx.$executeRaw(Prisma.sql`SELECT pg_notify(${ACTIVATION_SETTLED_CHANNEL}, ${activation.id})`);
  return { kind: 'written', removalIds: removals.map(({ id }) => id) };
}

/** What to remove once the instance is gone, and with it every row that could say what belongs to it. */
const removeAll = (activation: ClaimedActivation, made: string | undefined) =>
  newRemoval(
    activation,
    made === undefined ? { activationId: activation.id } : { bridgeIntegrationId: made },
    'instance_deleted',
  );

function removalFor(
  now: { state: string; bridgeIntegrationId: string | null },
  activation: ClaimedActivation,
  made: string | undefined,
) {
  if (now.state === 'failed') return newRemoval(activation, { activationId: activation.id }, 'activation_failed');
  // Another attempt has succeeded. A bridge that keeps its word gave both the same integration; one that does not gave us a second.
  if (now.state === 'succeeded' && made !== undefined && made !== now.bridgeIntegrationId) {
    return newRemoval(activation, { bridgeIntegrationId: made }, 'superseded');
  }
  return undefined;
}
