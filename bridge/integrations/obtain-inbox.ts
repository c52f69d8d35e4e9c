import type { Inbox } from '../chatwoot/answers.ts';
import type { ChatwootFailure, ChatwootOutcome } from '../chatwoot/outcome.ts';
import type { ChatwootNoResponse } from '../chatwoot/transport.ts';
import { UpstreamError, upstreamError } from '../chatwoot/upstream-error.ts';
import { BRIDGE_LIMITS } from '../timeouts.ts';
import { adoptInbox } from './adopted-inbox.ts';
import type { ActivationDeps, Attempt } from './attempt.ts';
import { deleteInbox, inboxesOf } from './inbox-deletion.ts';
import type { IntegrationRow } from './store.ts';

export interface ObtainedInbox {
  readonly inbox: Inbox;
  /** Whether an earlier request may still make another one. */
  readonly unsure: boolean;
}

/**
 * Gets the inbox of an integration: the one that it is to take over, or a new one; that with one request where nothing was tried before. Where an
 * earlier request's outcome is unknown, an inbox that calls our webhook is looked for first, and taken. That a request leaves is written down before
 * it does; `isNoted`: it is, and none has left yet. Throws UpstreamError; the row is gone then, if certainly nothing of it is in Chatwoot.
 */
export async function obtainInbox(
  deps: ActivationDeps,
  attempt: Attempt,
  row: IntegrationRow,
  { isNoted }: { isNoted: boolean },
): Promise<ObtainedInbox> {
  if (row.adoptedInboxId !== null) {
    return { inbox: await adoptInbox(deps, attempt, row, row.adoptedInboxId), unsure: false };
  }
  const triedBefore = row.createSentAt !== null && !isNoted;
  if (triedBefore) {
    const listed = await attempt.client.inboxes.list();
    if (!listed.ok) throw stillSilent(listed.failure, row) ?? (await upstreamError(listed.failure, attempt.client));
    const adopted = await adopt(deps, attempt, row, listed.value);
    if (adopted !== undefined) return adopted;
  }
  if (!isNoted) await deps.store.update(row.id, { createSentAt: new Date() });
  const webhookUrl = deps.secrets.webhookUrl(row);
  const created = await attempt.client.inboxes.create({ name: attempt.request.inbox_name, webhookUrl });
  if (created.ok) return triedBefore ? withoutTwins(deps, attempt, row, created.value) : { inbox: created.value, unsure: false };
  return afterFailure(deps, attempt, row, created.failure, triedBefore);
}

async function afterFailure(
  deps: ActivationDeps,
  attempt: Attempt,
  row: IntegrationRow,
  failure: ChatwootFailure,
  triedBefore: boolean,
): Promise<ObtainedInbox> {
  let nothingMade = failure.kind !== 'unknown' && failure.kind !== 'no_api';
  if (!nothingMade) {
    const listed = await attempt.client.inboxes.list({ withinMs: BRIDGE_LIMITS.lookAfterMs });
    const adopted = listed.ok ? await adopt(deps, attempt, row, listed.value) : undefined;
    if (adopted !== undefined) return adopted;
    nothingMade = provesNothingMade(failure, listed);
  }
  if (nothingMade && !triedBefore) await deps.store.discard(row.id);
  else if (isSilence(failure)) await deps.store.update(row.id, { lastError: failure.response.message });
  throw await upstreamError(failure, attempt.client);
}

type Silence = Extract<ChatwootFailure, { response: ChatwootNoResponse }> & { response: ChatwootNoResponse };

/** Chatwoot was reached, and gave no answer in time. */
const isSilence = (failure: ChatwootFailure): failure is Silence =>
  failure.response.kind === 'failed' && failure.response.code === 'timeout';

/** Of a Chatwoot that stays silent it is told how long the new inbox was waited for, which counts, and not how long this look took. */
function stillSilent(failure: ChatwootFailure, row: IntegrationRow): UpstreamError | undefined {
  if (!isSilence(failure) || row.lastError === '') return undefined;
  return new UpstreamError({ ...failure.response, method: 'POST', message: row.lastError });
}

/** Chatwoot had finished with the request, and its list (or that there is no Chatwoot at all) shows that no inbox came of it. */
function provesNothingMade(failure: ChatwootFailure, listed: ChatwootOutcome<Inbox[]>): boolean {
  const isFinished = failure.kind === 'no_api' || (failure.kind === 'unknown' && failure.settled);
  return isFinished && (listed.ok || (listed.failure.kind !== 'unknown' && listed.failure.kind !== 'not_sent'));
}

/** The second request was answered; the first may have had its effect meanwhile. */
async function withoutTwins(deps: ActivationDeps, attempt: Attempt, row: IntegrationRow, inbox: Inbox): Promise<ObtainedInbox> {
  const listed = await attempt.client.inboxes.list();
  const adopted = listed.ok ? await adopt(deps, attempt, row, listed.value) : undefined;
  return adopted ?? { inbox, unsure: true };
}

/**
 * Takes the oldest of our inboxes and deletes the others: always the oldest, so that whoever goes on after a crash in the middle of this
 * takes the same one, and none that is being deleted. One that cannot be deleted now is deleted later, because of `unsure`.
 */
async function adopt(
  { secrets }: ActivationDeps,
  { client, log }: Attempt,
  row: IntegrationRow,
  inboxes: readonly Inbox[],
): Promise<ObtainedInbox | undefined> {
  const [oldest, ...twins] = inboxesOf(row, inboxes, secrets);
  if (oldest === undefined) return undefined;
  log.info({ integrationId: row.id, inboxId: oldest.id, twins: twins.length }, 'took the inbox of an earlier request');
  for (const { id } of twins) {
    await deleteInbox(client, id).catch(() => log.warn({ inboxId: id }, 'a second inbox could not be deleted yet'));
  }
  return { inbox: oldest, unsure: true };
}
