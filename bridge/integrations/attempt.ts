import { flagsFromWire } from '../../shared/activations/flags.ts';
import type { BridgeActivateRequest, BridgeActivateResponse } from '../../shared/contracts/bridge.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { CallBudget, ChatwootAccess, ChatwootClient } from '../chatwoot/client.ts';
import { oldReleaseOf } from '../chatwoot/release.ts';
import type { InstanceLock } from '../leases/instance-locks.ts';
import type { StreamProbe } from '../stream/probe-stream.ts';
import { type StreamAddress, streamUrl } from '../stream/stream-socket.ts';
import { BRIDGE_LIMITS } from '../timeouts.ts';
import { previousInboxOf } from './old-inbox.ts';
import type { IntegrationSecrets } from './secrets.ts';
import { type IntegrationRow, type IntegrationSettings, type IntegrationStore, makerOf } from './store.ts';

/** What every part of an activation works with. */
export interface ActivationDeps {
  readonly store: IntegrationStore;
  readonly secrets: IntegrationSecrets;
  readonly chatwoot: (access: ChatwootAccess, budget: CallBudget) => ChatwootClient;
  readonly probe: (address: StreamAddress, options: { timeoutMs: number; signal: AbortSignal }) => Promise<StreamProbe>;
}

/** One call of `activate` that has the lock of its instance. */
export interface Attempt {
  /** The activation's id. */
  readonly key: string;
  readonly request: BridgeActivateRequest;
  readonly client: ChatwootClient;
  /** When its caller stops waiting, in milliseconds since 1970. */
  readonly endsAtMs: number;
  readonly lock: InstanceLock;
  /** Aborted when this process has to stop. */
  readonly signal: AbortSignal;
  readonly log: Logger;
}

/** An activation that must not go on: its time is over, or it was called off. */
export const expired = (activationId: string): PonteError => new PonteError('activation_expired', { activationId });

/** Why an attempt must not be brought to its end, if it must not: its time is over, or somebody else may have the instance by now. */
export function obstacle({ key, endsAtMs, lock }: Attempt): PonteError | undefined {
  if (Date.now() >= endsAtMs) return expired(key);
  return lock.isHeld() ? undefined : new PonteError('bridge_busy');
}

/** Looks in the background whether events can be had; `cancel` when nobody wants to know any more. */
export function startStreamProbe(deps: ActivationDeps, { request, endsAtMs, signal }: Attempt) {
  const controller = new AbortController();
  const address = { ryzeapiUrl: request.ryzeapi_url, instanceId: request.instance_id };
  const result = deps.probe(address, {
    timeoutMs: Math.max(1, Math.min(BRIDGE_LIMITS.streamMs, endsAtMs - Date.now())),
    signal: AbortSignal.any([controller.signal, signal]),
  });
  const unavailable = (reason: string) =>
    new PonteError('bridge_stream_unavailable', { url: streamUrl(address), detail: reason });
  return { result, unavailable, cancel: () => controller.abort() };
}

/** The columns that a request sets. */
export function settingsOf(request: BridgeActivateRequest, secrets: IntegrationSecrets): IntegrationSettings {
  return {
    instanceName: request.instance,
    ryzeapiUrl: request.ryzeapi_url,
    chatwootToken: secrets.sealToken(request.chatwoot_api_token, request.instance_id),
    inboxName: request.inbox_name,
    ...flagsFromWire(request),
    language: request.language ?? null,
    // Asked for anew by whoever runs the integration.
    accountLocale: null,
  };
}

/** What the caller of an activation is told of the integration it has now. */
export async function answerOf(
  row: IntegrationRow,
  { key, client }: Pick<Attempt, 'key' | 'client'>,
  store: IntegrationStore,
): Promise<BridgeActivateResponse> {
  const old = row.replacesId === null ? null : await store.byId(row.replacesId);
  const isLeft = old?.keepInbox && (old.state === 'superseded' || old.state === 'left');
  // Releases that sign their webhooks are held.
  const oldRelease = row.webhookSecret === null ? await oldReleaseOf(client) : null;
  return {
    id: row.id,
    status: 'active',
    inbox_id: row.inboxId,
    inbox_name: row.inboxName,
    replaces: old?.state === 'superseded' ? old.id : null,
    // Of a move, the activation is told that made it, not those that change the integration later.
    previous_inbox: isLeft && makerOf(row) === key ? previousInboxOf(old, old.lastError) : null,
    ...(oldRelease === null ? {} : { old_release: oldRelease }),
    chatwoot_ms: client.elapsedMs(),
  };
}
