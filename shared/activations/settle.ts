import type pg from 'pg';
import { createId } from '../auth/tokens.ts';
import type { ActivatedIntegration } from '../bridge-client/client.ts';
import type { Prisma } from '../database/database.ts';
import type { ChatwootIntegration } from '../database/generated/client.ts';
import type { Keyring } from '../encryption/keyring.ts';
import { wishValues } from '../instances/webhook-wish.ts';
import type { ClaimedActivation } from './claim.ts';
import type { ActivationError } from './error.ts';
import { settleFailed } from './queries/settle-failed.ts';
import type { SettledSuccess, Success } from './queries/settle-succeeded.ts';
import { integrationColumns } from './settings.ts';
import type { TraceEntry } from './trace.ts';

type Transaction = Prisma.TransactionClient;

/** What a write came to. `lost`: another attempt holds the activation now, or it has ended. */
export type Write = { readonly kind: 'written'; readonly removalIds: readonly string[] } | { readonly kind: 'lost' };

export const LOST: Extract<Write, { kind: 'lost' }> = { kind: 'lost' };

/** As {@link Write}; says too whether an engine is to be told something. */
export type SuccessWrite = ({ readonly kind: 'written' } & SettledSuccess) | Extract<Write, { kind: 'lost' }>;

/** Adds to the trace of an activation that goes on. */
export async function recordTry(prisma: Transaction, activation: ClaimedActivation, entry: TraceEntry): Promise<void> {
  await prisma.activation.updateMany({ where: held(activation), data: { trace: [...activation.trace, entry] } });
}

/** What is to be recorded of one that succeeded: the integration too; the one it takes the place of is to be removed. */
export function successOf(
  keyring: Keyring,
  activation: ClaimedActivation,
  result: ActivatedIntegration,
  entry: TraceEntry,
): Success {
  const { id, attempt, instanceId, trace } = activation;
  return {
    ...{ instanceId, activationId: id, attempt, trace, entry },
    ids: { integration: createId('cwi'), removals: [createId('rem'), createId('rem')] },
    bridgeIntegrationId: result.id,
    replaces: result.replaces ?? undefined,
    integration: integrationRow(keyring, activation, result),
    previousInbox: result.previous_inbox ?? undefined,
    oldRelease: result.old_release?.toWellFormed() ?? null,
    wish: wishValues(keyring, instanceId),
  };
}

/** Records that it has failed for good; `undo` has whatever it may have left at the bridge removed. */
export async function failActivation(
  pool: pg.Pool,
  { id, attempt, trace }: ClaimedActivation,
  { error, entry, undo }: { error: ActivationError; entry: TraceEntry; undo: boolean },
): Promise<Write> {
  const settled = await settleFailed(pool, { activationId: id, attempt, error, trace: [...trace, entry], undo });
  return settled === undefined ? LOST : { kind: 'written', ...settled };
}

const held = ({ id, attempt }: ClaimedActivation) => ({ id, attempt, state: 'running' as const });

function integrationRow(
  keyring: Keyring,
  { id, instanceId, settings, chatwootToken }: ClaimedActivation,
  result: ActivatedIntegration,
) {
  const columns = integrationColumns(settings);
  return {
    ...columns,
    bridgeIntegrationId: result.id,
    chatwootToken: underFirstKey(keyring, chatwootToken, instanceId),
    chatwootInboxId: result.inbox_id ?? 0,
    // JSON can hold halves of characters, which no column takes.
    chatwootInboxName: (result.inbox_name ?? columns.chatwootInboxName).toWellFormed(),
    status: result.status,
    lastError: '',
    activationId: id,
  } satisfies Partial<ChatwootIntegration>;
}

/** The same secret under the first key: one that was encrypted before a rotation does not live on under the old key. */
function underFirstKey(keyring: Keyring, envelope: string, instanceId: string): string {
  if (keyring.isCurrent(envelope)) return envelope;
  const context = { purpose: 'chatwoot-token', owner: instanceId } as const;
  return keyring.encrypt(keyring.decrypt(envelope, context), context);
}
