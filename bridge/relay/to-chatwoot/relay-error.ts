import type { ChatwootFailure, ChatwootOutcome } from '../../chatwoot/outcome.ts';

/** A step of a delivery that did not succeed, on its way to where it is judged (classify-error.ts). */
export class DeliveryFailure extends Error {
  override readonly name = 'DeliveryFailure';
  readonly failure: ChatwootFailure;

  constructor(failure: ChatwootFailure) {
    super(`Chatwoot: ${failure.kind}`);
    this.failure = failure;
  }
}

/** The media of a message are not to be had at the moment, but another try may help. */
export class MediaUnavailable extends Error {
  override readonly name = 'MediaUnavailable';
}

/** The whole of an event of which only the outline is here is not to be had at the moment. */
export class EventUnavailable extends Error {
  override readonly name = 'EventUnavailable';
}

/** Somebody else may run the integration by now: nothing more may be asked of Chatwoot for it from here. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
}

/** An earlier try may have taken effect, or do so yet: until that is over, it is looked for and not repeated. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
  readonly endsInMs: number;

  constructor(endsInMs: number) {
    super('the outcome of an earlier try is unknown');
    this.endsInMs = endsInMs;
  }
}

/** The account is no longer in Chatwoot, and the inbox with it. */
export class AccountGone extends Error {
  override readonly name = 'AccountGone';
}

/** The inbox of the integration is no longer in Chatwoot. */
export class InboxGone extends Error {
  override readonly name = 'InboxGone';
}

/** The value of a call, or a DeliveryFailure. */
export async function expectValue<Value>(call: Promise<ChatwootOutcome<Value>>): Promise<Value> {
  const outcome = await call;
  if (outcome.ok) return outcome.value;
  throw new DeliveryFailure(outcome.failure);
}

/** As `expectValue`, but undefined for what Chatwoot does not have. */
export async function findValue<Value>(call: Promise<ChatwootOutcome<Value>>): Promise<Value | undefined> {
  const outcome = await call;
  if (outcome.ok) return outcome.value;
  if (isAbsent(outcome.failure)) return undefined;
  throw new DeliveryFailure(outcome.failure);
}

/**
 * As `findValue`, and undefined also for a conversation that Chatwoot breaks down over: while those of a deleted contact wait for the job that
 * deletes them, they answer 500.
 */
export async function findUnlessBroken<Value>(call: Promise<ChatwootOutcome<Value>>): Promise<Value | undefined> {
  const outcome = await call;
  if (!outcome.ok && isBroken(outcome.failure)) return undefined;
  return findValue(Promise.resolve(outcome));
}

/** Rails' own answer to an error that nothing caught. */
export const isBroken = ({ kind, response }: ChatwootFailure): boolean =>
  kind === 'unknown' && response.kind === 'response' && response.status === 500;

/** Chatwoot has no such record. Its look-up of addresses says so with an empty 404, and releases before 3.2.0 do not have that at all. */
export const isAbsent = (failure: ChatwootFailure): boolean =>
  failure.kind === 'absent' || (failure.response.kind === 'response' && failure.response.status === 404);

/** Which attributes Chatwoot says are taken; undefined for any other refusal. The text is in the account's language, this is not. */
export function takenAttributes(failure: ChatwootFailure): readonly string[] | undefined {
  const { response } = failure;
  if (response.kind !== 'response' || response.status !== 422) return undefined;
  const attributes =
    typeof response.json === 'object' && response.json !== null && 'attributes' in response.json
      ? response.json.attributes
      : undefined;
  return Array.isArray(attributes) ? attributes.filter((attribute) => typeof attribute === 'string') : undefined;
}
