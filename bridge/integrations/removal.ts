import type { PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { CallBudget, ChatwootAccess, ChatwootClient } from '../chatwoot/client.ts';
import type { InstanceLocks } from '../leases/instance-locks.ts';
import { BRIDGE_LIMITS } from '../timeouts.ts';
import { deleteInboxesOf } from './inbox-deletion.ts';
import type { IntegrationSecrets } from './secrets.ts';
import { showUnsent } from './show-unsent.ts';
import { type IntegrationRow, type IntegrationStore, makerOf } from './store.ts';

export interface RemovalDeps {
  readonly prisma: PrismaClient;
  readonly store: IntegrationStore;
  readonly secrets: IntegrationSecrets;
  readonly chatwoot: (access: ChatwootAccess, budget: CallBudget) => ChatwootClient;
  readonly locks: InstanceLocks;
  /** Stops running an integration at once, in this process. */
  readonly drop: (id: string) => void;
}

export interface RemovalCall {
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** `absent`: there is nothing of it, and never was or not any more. */
export type RemovalResult = 'removed' | 'absent';

export type Removal = ReturnType<typeof createRemoval>;

/**
 * Takes integrations down, in an order that can be broken off anywhere and taken up again: the row says so first, then the stream is closed,
 * then the inbox is deleted (or given back, where it was there before), then the row ends. Throws UpstreamError when Chatwoot does not let us finish (the row then stays in `removing`),
 * PonteError `bridge_busy` while somebody else works on the instance, and `bridge_failing` where only time can tell.
 */
export function createRemoval(deps: RemovalDeps) {
  const { store, secrets } = deps;

  async function locked<Result>(instanceId: string, task: () => Promise<Result>): Promise<Result> {
    const lock = await deps.locks.acquire(instanceId, BRIDGE_LIMITS.lockWaitMs);
    if (lock === undefined) throw new PonteError('bridge_busy');
    try {
      return await task();
    } finally {
      await lock.release();
    }
  }

  async function removeNow(
    row: IntegrationRow,
    { signal, log }: RemovalCall,
    isUndoing: { isUndoing: boolean },
  ): Promise<RemovalResult> {
    if (row.state === 'left' || (row.state === 'superseded' && row.keepInbox)) return leave(row, log);
    const removing = row.state === 'removing' ? row : await store.beginRemoval(row, isUndoing);
    deps.drop(row.id);
    if (removing.inboxId !== null || removing.createSentAt !== null || removing.adoptedInboxId !== null) {
      const access = secrets.accessOf(row);
      const client = deps.chatwoot(access, { endsAtMs: Date.now() + BRIDGE_LIMITS.removeMs, signal });
      await deleteInboxesOf(removing, client, secrets);
      if (removing.adoptedInboxId !== null) await showUnsent({ prisma: deps.prisma, log }, removing, client);
    }
    await store.endRemoval(row.id);
    log.info({ integrationId: row.id, inboxId: row.inboxId }, 'an integration was removed');
    return 'removed';
  }

  /** Nothing of a customer's history is deleted unasked: the inbox of an integration that has moved away stays. */
  async function leave(row: IntegrationRow, log: Logger): Promise<RemovalResult> {
    await store.leave(row.id);
    deps.drop(row.id);
    const { chatwootBaseUrl: baseUrl, chatwootAccountId: accountId, inboxId } = row;
    log.info({ integrationId: row.id, baseUrl, accountId, inboxId, inbox: row.lastError }, 'an inbox was left in Chatwoot');
    return 'removed';
  }

  /** What this activation made goes; what it only changed, or what a later one has changed since, stays. */
  async function undoActivation(key: string, call: RemovalCall): Promise<RemovalResult> {
    const row = await store.byActivation(key);
    if (row === null) return (await store.bury(key)) ? 'absent' : retrySoon();
    if (row.state === 'removed') return 'absent';
    if (makerOf(row) === key && row.idempotencyKey === key) return removeNow(row, call, { isUndoing: true });
    await store.handOver(row, key);
    call.log.info({ integrationId: row.id }, 'an activation was undone whose integration belongs to another one');
    return 'removed';
  }

  return {
    /** Takes down an integration by its id. */
    async remove(id: string, call: RemovalCall): Promise<RemovalResult> {
      const found = await store.byId(id);
      if (found === null) return 'absent';
      return locked(found.instanceId, async () => {
        const row = await store.byId(id);
        if (row === null) return 'absent';
        return row.state === 'removed' ? 'removed' : removeNow(row, call, { isUndoing: false });
      });
    },

    /**
     * Undoes whatever an activation has done, and makes its key unusable: the call that this one is to undo may still be on its way.
     */
    async cancel(key: string, call: RemovalCall): Promise<RemovalResult> {
      const found = await store.byActivation(key);
      if (found === null && (await store.bury(key))) return 'absent';
      const row = found ?? (await store.byActivation(key));
      return row === null ? retrySoon() : locked(row.instanceId, () => undoActivation(key, call));
    },
  };
}

/** A row came or went between two looks at it: its activation is being worked on. */
function retrySoon(): never {
  throw new PonteError('bridge_busy');
}
