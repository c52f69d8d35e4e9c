import { createId } from '../../shared/auth/tokens.ts';
import type { BridgeActivateRequest, BridgeActivateResponse } from '../../shared/contracts/bridge.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { ChatwootAccess } from '../chatwoot/client.ts';
import { UpstreamError } from '../chatwoot/upstream-error.ts';
import type { InstanceLocks } from '../leases/instance-locks.ts';
import { BRIDGE_LIMITS } from '../timeouts.ts';
import { refuseOtherInbox } from './adopted-inbox.ts';
import { type ActivationDeps, type Attempt, answerOf, expired, settingsOf } from './attempt.ts';
import { changeIntegration } from './change-integration.ts';
import { createIntegration } from './create-integration.ts';
import { endOf } from './deadline.ts';
import { isSameAccount } from './find-inbox.ts';
import type { IntegrationRow } from './store.ts';

export interface ActivationCall {
  /** The activation's id, from the header Idempotency-Key. */
  readonly key: string;
  readonly request: BridgeActivateRequest;
  /** Aborted when this process has to stop. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/**
 * Activates: one inbox in Chatwoot for one activation, however often it is asked for and whatever dies in between. Throws UpstreamError
 * when Chatwoot is the reason, PonteError otherwise.
 */
export function createActivation(deps: ActivationDeps & { locks: InstanceLocks; changed: () => void }) {
  return async function activate(call: ActivationCall): Promise<BridgeActivateResponse> {
    const { key, request, signal } = call;
    const endsAtMs = endOf(request);
    const lock = await deps.locks.acquire(request.instance_id, Math.min(BRIDGE_LIMITS.lockWaitMs, endsAtMs - Date.now()));
    if (lock === undefined) throw new PonteError('bridge_busy');
    try {
      if (Date.now() >= endsAtMs) throw expired(key);
      const client = deps.chatwoot(accessOf(request), { endsAtMs, signal });
      const answer = await run(deps, { ...call, client, endsAtMs, lock });
      deps.changed();
      return answer;
    } catch (error) {
      // Whatever Chatwoot seemed to be the reason of, our own end was.
      throw signal.aborted && error instanceof UpstreamError ? new PonteError('shutting_down') : error;
    } finally {
      await lock.release();
    }
  };
}

/** Where and as whom a request wants Chatwoot to be called. */
export const accessOf = (
  request: Pick<BridgeActivateRequest, 'chatwoot_base_url' | 'chatwoot_account_id' | 'chatwoot_api_token'>,
): ChatwootAccess => ({
  baseUrl: request.chatwoot_base_url,
  accountId: request.chatwoot_account_id,
  token: request.chatwoot_api_token,
});

async function run(deps: ActivationDeps, attempt: Attempt): Promise<BridgeActivateResponse> {
  const { key, request } = attempt;
  const { known, current } = await deps.store.forActivation({ key, instanceId: request.instance_id });
  if (known !== undefined) refuseMisuse(known, attempt);
  if (known?.state === 'active') return answerOf(known, attempt, deps.store);

  if (current !== undefined) refuseOtherInbox(current, attempt);
  const adoptedInboxId = request.adopt_inbox_id ?? null;
  const values = { ...settingsOf(request, deps.secrets), replacesId: current?.id ?? null, adoptedInboxId };
  // Where there is nothing yet, a request for an inbox is what comes next for certain: the row says so at once.
  const isNoted = known === undefined && current === undefined && adoptedInboxId === null;
  const row =
    known === undefined
      ? await begin(deps, attempt, { ...values, createSentAt: isNoted ? new Date() : null })
      : await deps.store.update(known.id, values);
  const isUntouched = row.createSentAt === null && row.inboxId === null;
  if (current !== undefined && isUntouched) {
    const answer = await changeIntegration(deps, attempt, row, current);
    if (answer !== undefined) return answer;
  }
  return createIntegration(deps, attempt, { row, isNoted, current });
}

/** The row comes first: what it holds finds the inbox again, whatever happens next. */
async function begin(
  deps: ActivationDeps,
  { key, request }: Attempt,
  values: ReturnType<typeof settingsOf> & Pick<IntegrationRow, 'replacesId' | 'adoptedInboxId' | 'createSentAt'>,
): Promise<IntegrationRow> {
  const id = createId('int');
  const row = await deps.store.insert({
    ...values,
    ...deps.secrets.newWebhookKey(id),
    id,
    idempotencyKey: key,
    instanceId: request.instance_id,
    chatwootBaseUrl: request.chatwoot_base_url,
    chatwootAccountId: request.chatwoot_account_id,
  });
  // Called off between our look and this: the only one who writes such a row without having the instance's lock.
  if (row === undefined) throw expired(key);
  return row;
}

/** A key names one activation of one instance in one Chatwoot account, and is of no more use once that was undone or replaced. */
function refuseMisuse(row: IntegrationRow, { key, request, client }: Attempt): void {
  const isOver = row.state !== 'creating' && row.state !== 'active';
  if (isOver || row.idempotencyKey !== key) throw expired(key);
  if (row.instanceId !== request.instance_id || !isSameAccount(row, client.access())) {
    throw new PonteError('idempotency_key_reused', { activationId: key });
  }
}
