import type { BridgeActivateRequest, BridgeCheckResponse, TokenOwner } from '../../shared/contracts/bridge.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Inbox } from '../chatwoot/answers.ts';
import { accountUrl } from '../chatwoot/call.ts';
import type { ChatwootClient } from '../chatwoot/client.ts';
import { ownerOf, readProfile } from '../chatwoot/diagnosis.ts';
import type { ChatwootFailure } from '../chatwoot/outcome.ts';
import { oldReleaseOf } from '../chatwoot/release.ts';
import { INBOXES_PATH } from '../chatwoot/resources/inboxes.ts';
import { UpstreamError, upstreamError } from '../chatwoot/upstream-error.ts';
import { streamUrl } from '../stream/stream-socket.ts';
import { BRIDGE_LIMITS } from '../timeouts.ts';
import { accessOf } from './activation.ts';
import { findAdoptable } from './adopted-inbox.ts';
import type { ActivationDeps } from './attempt.ts';
import { endOf } from './deadline.ts';
import { isGone, isSameAccount } from './find-inbox.ts';
import { inboxesOf } from './inbox-deletion.ts';
import { previousInboxOf } from './old-inbox.ts';

// What Chatwoot answers to somebody who may not create inboxes, word for word.
const NOT_ADMIN_BODY = '{"error":"You are not authorized to do this action"}';

/**
 * Tells whether the same request would activate and what it would do, and creates nothing: the list of inboxes is refused for the same reasons as a new inbox,
 * except for the role, which the profile tells. Throws what `activate` would throw.
 */
export function createCheck(deps: Pick<ActivationDeps, 'store' | 'secrets' | 'chatwoot' | 'probe'>) {
  return async function check(request: BridgeActivateRequest, signal: AbortSignal): Promise<BridgeCheckResponse> {
    const access = accessOf(request);
    const client = deps.chatwoot(access, { endsAtMs: endOf(request), signal });
    const address = { ryzeapiUrl: request.ryzeapi_url, instanceId: request.instance_id };
    const probing = deps.probe(address, { timeoutMs: BRIDGE_LIMITS.streamMs, signal });

    const listed = await client.inboxes.list();
    if (!listed.ok) throw await refusal(listed.failure, client);
    const profile = await client.getProfile(BRIDGE_LIMITS.checkProfileMs);
    if (!profile.ok) throw await upstreamError(profile.failure, client);
    const owner = ownerOf(profile.value);
    if (readProfile(profile.value, access.accountId) === 'not_admin') throw notAdmin(accountUrl(access, INBOXES_PATH), owner);

    if (request.adopt_inbox_id != null) await findAdoptable(deps, client, request.adopt_inbox_id);

    const stream = await probing;
    const effect = await effectOf(request, listed.value);
    if (stream.ok) return { ...effect, token_owner: owner, old_release: await oldReleaseOf(client) };
    throw new PonteError('bridge_stream_unavailable', { url: streamUrl(address), detail: stream.reason });
  };

  async function effectOf(request: BridgeActivateRequest, inboxes: readonly Inbox[]): Promise<BridgeCheckResponse> {
    const current = await deps.store.activeOf(request.instance_id);
    if (current === null) return { effect: request.adopt_inbox_id == null ? 'create' : 'adopt' };
    if (isSameAccount(current, accessOf(request))) {
      const isThere = inboxes.some((inbox) => inbox.id === current.inboxId && !isGone(inbox));
      return { effect: isThere ? 'change' : 'create' };
    }
    if (inboxesOf(current, inboxes, deps.secrets).length > 0) return { effect: 'change' };
    const message = request.delete_old_inbox ? WOULD_BE_DELETED : WOULD_STAY;
    return { effect: 'move', previous_inbox: previousInboxOf(current, message) };
  }
}

const WOULD_STAY =
  'would stay in Chatwoot with its conversations, while new ones go to a new inbox; replies written in the old one would be refused and shown as failed';
const WOULD_BE_DELETED = 'would be deleted with its conversations, as deleteOldInbox asks';

/** Where the token opens something, but not this account, people are told what it does open. */
async function refusal(failure: ChatwootFailure, client: ChatwootClient): Promise<UpstreamError> {
  const error = await upstreamError(failure, client);
  const { status, diagnosis } = error.upstream;
  const isKnownToken = status === 404 || diagnosis === 'not_member' || diagnosis === 'not_admin';
  const profile = isKnownToken ? await client.getProfile(BRIDGE_LIMITS.checkProfileMs) : undefined;
  if (profile?.ok) error.upstream.token_owner = ownerOf(profile.value);
  return error;
}

function notAdmin(url: string, owner: TokenOwner): UpstreamError {
  const answer = { kind: 'response', method: 'POST', url, status: 401, contentType: 'application/json; charset=utf-8' } as const;
  const unused = { location: undefined, retryAfterSeconds: undefined, json: undefined };
  const error = new UpstreamError({ ...answer, ...unused, body: NOT_ADMIN_BODY }, 'not_admin');
  error.upstream.token_owner = owner;
  return error;
}
