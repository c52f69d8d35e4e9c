import { describe, expect, it } from 'vitest';
import { anySchema } from '../../bridge/chatwoot/answers.ts';
import { readResult } from '../../bridge/chatwoot/outcome.ts';
import type { ChatwootResult } from '../../bridge/chatwoot/transport.ts';
import { classifyError, isAmbiguous } from '../../bridge/relay/to-chatwoot/classify-error.ts';
import {
  AccountGone,
  DeliveryFailure,
  EventUnavailable,
  expectValue,
  findUnlessBroken,
  findValue,
  InboxGone,
  MediaUnavailable,
  OutcomeUnknown,
  takenAttributes,
} from '../../bridge/relay/to-chatwoot/relay-error.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';

const URL = 'https://chat.example.com';
const WAIT = 'messages wait and are delivered by themselves';
const IN_DOUBT = 'Chatwoot may have taken a message without saying so — it is looked for, and sent again only if it is not there';

type Given = { method?: string; retryAfterSeconds?: number; body?: string };
const answer = (status: number, json?: unknown, { method = 'POST', retryAfterSeconds, body }: Given = {}): ChatwootResult => ({
  kind: 'response',
  status,
  contentType: 'application/json',
  location: undefined,
  retryAfterSeconds,
  method,
  url: `${URL}/messages`,
  body: body ?? JSON.stringify(json) ?? '',
  json,
});
const silence = (sent: false | 'maybe', { method = 'POST', code = 'ECONNRESET' } = {}): ChatwootResult => ({
  kind: 'failed',
  sent,
  code,
  message: `it failed (${code})`,
  method,
  url: `${URL}/messages`,
});
/** The error of a delivery in which Chatwoot gave this. */
function failure(result: ChatwootResult): DeliveryFailure {
  const outcome = readResult(result, anySchema);
  if (outcome.ok) throw new Error('a success is no failure');
  return new DeliveryFailure(outcome.failure);
}
const NO_API = new DeliveryFailure({ kind: 'no_api', response: answer(200, []) as never });
const judge = (result: ChatwootResult) => classifyError(failure(result), URL);

describe('an outage holds back the whole integration, and says what to do', () => {
  it.each<[string, ChatwootResult, string]>([
    [
      'nothing reaches Chatwoot',
      silence(false),
      `Chatwoot is unreachable at ${URL} (it failed (ECONNRESET)) — ${WAIT} when it is back`,
    ],
    [
      'a look-up has no answer',
      silence('maybe', { method: 'GET' }),
      `Chatwoot is unreachable at ${URL} (it failed (ECONNRESET)) — ${WAIT} when it is back`,
    ],
    [
      'the address is forbidden',
      silence(false, { code: 'address_forbidden' }),
      `${URL} leads to a private address — set CHATWOOT_ALLOW_PRIVATE_NETWORK for it; messages wait until then`,
    ],
    [
      'something else answers at the address',
      answer(404, undefined),
      `${URL} does not answer as Chatwoot does (HTTP 404) — verify chatwootBaseUrl; ${WAIT} then`,
    ],
    [
      'the token is wrong',
      answer(401, { error: 'Invalid Access Token' }),
      'Chatwoot rejects the API token — activate again with a valid chatwootApiToken; messages wait until then',
    ],
    [
      'the account is suspended',
      answer(401, { error: 'Account is suspended' }),
      'the Chatwoot account is suspended — have it reactivated there; messages wait until then',
    ],
    [
      'the plan has no API access',
      answer(403, { error: 'API access is not enabled for this account' }),
      'the plan of the Chatwoot account has no API access — change the plan there; messages wait until then',
    ],
    [
      'the rights do not suffice',
      answer(401, { error: 'Você não está autorizado' }),
      'Chatwoot denies access (HTTP 401: Você não está autorizado) — the token must be that of an administrator of the account; messages wait until then',
    ],
    [
      'the limit of the plan is reached',
      answer(402, { message: 'limit exceeded' }),
      'Chatwoot denies access (HTTP 402: limit exceeded) — the token must be that of an administrator of the account; messages wait until then',
    ],
    [
      'a proxy forbids it',
      answer(403, undefined),
      'Chatwoot denies access (HTTP 403) — the token must be that of an administrator of the account; messages wait until then',
    ],
    [
      'it redirects',
      answer(301),
      `${URL} redirects — activate again with the final address of Chatwoot; messages wait until then`,
    ],
    [
      'it redirects, seen in a look-up',
      answer(399, undefined, { method: 'GET' }),
      `${URL} redirects — activate again with the final address of Chatwoot; messages wait until then`,
    ],
    ['a proxy says that it is away', answer(503), `Chatwoot is failing (HTTP 503) — ${WAIT} when it is back`],
    ['a proxy says what no Chatwoot does', answer(100), `Chatwoot is failing (HTTP 100) — ${WAIT} when it is back`],
  ])('%s', (_name, result, reason) => {
    expect(judge(result)).toEqual({ kind: 'outage', reason });
  });

  it('a success that is none of Chatwoot’s', () => {
    expect(classifyError(NO_API, URL)).toEqual({
      kind: 'outage',
      reason: `${URL} does not answer as Chatwoot does (HTTP 200) — verify chatwootBaseUrl; ${WAIT} then`,
    });
  });

  it('Chatwoot limits requests: for as long as it says, or a quarter of a minute', () => {
    const reason = `Chatwoot limits our requests — ${WAIT} as it allows`;
    expect(judge(answer(429, undefined, { retryAfterSeconds: 40 }))).toEqual({ kind: 'outage', reason, afterMs: 40_000 });
    expect(judge(answer(429))).toEqual({ kind: 'outage', reason, afterMs: 15_000 });
  });

  it('the account or the inbox is gone, a secret cannot be read, or our own database is away', () => {
    expect(classifyError(new AccountGone(), URL)).toMatchObject({
      kind: 'outage',
      reason: expect.stringContaining('account was deleted'),
    });
    expect(classifyError(new InboxGone(), URL)).toMatchObject({
      kind: 'outage',
      reason: expect.stringContaining('inbox was deleted'),
    });
    const secret = new PonteError('encryption_key_missing', { keyId: 'k1' });
    expect(classifyError(secret, URL)).toEqual({ kind: 'outage', reason: secret.message });
    const away = Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });
    expect(classifyError(away, URL)).toEqual({
      kind: 'outage',
      reason: `the database of the bridge is unavailable — ${WAIT} when it is back`,
    });
  });

  it('shows nothing of a page, and of an error no more than its beginning', () => {
    const shown = (json: unknown) => judge(answer(503, json))?.reason;
    expect(shown(null)).toContain('(HTTP 503)');
    expect(shown('page')).toContain('(HTTP 503)');
    expect(shown({ error: 5 })).toContain('(HTTP 503)');
    expect(shown({})).toContain('(HTTP 503)');
    expect(shown({ error: 'the first', message: 'the second' })).toContain('(HTTP 503: the first)');
    expect(shown({ message: 'x'.repeat(400) })).toContain(`(HTTP 503: ${'x'.repeat(300)})`);
  });
});

describe('one chat alone waits', () => {
  it('where a message may have arrived without a word: until then it is only looked for', () => {
    expect(judge(silence('maybe'))).toEqual({ kind: 'wait', reason: IN_DOUBT });
    expect(classifyError(new OutcomeUnknown(700), URL)).toEqual({ kind: 'wait', reason: IN_DOUBT, withinMs: 700 });
  });

  it('where something of it is being deleted, or is not to be had at the moment', () => {
    expect(judge(answer(404, { error: 'Resource could not be found' }))).toEqual({
      kind: 'wait',
      reason: 'what belongs to this chat is being deleted in Chatwoot',
    });
    expect(classifyError(new MediaUnavailable('no file'), URL)).toEqual({ kind: 'wait', reason: 'no file' });
    expect(classifyError(new EventUnavailable('no event'), URL)).toEqual({ kind: 'wait', reason: 'no event' });
  });

  it('where Chatwoot takes no more messages a minute in it, or took too long over one', () => {
    expect(judge(answer(422, { error: 'Validation failed: Too many messages' }))).toEqual({
      kind: 'wait',
      reason: 'Chatwoot takes 200 messages a minute in a conversation; the rest follows',
      afterMs: 10_000,
    });
    expect(judge(answer(422, { error: 'The request took too long to complete.' }))).toEqual({
      kind: 'wait',
      reason: 'Chatwoot took too long',
    });
    // What only mentions such a text is none of it.
    expect(judge(answer(400, { error: 'Too many messages' }))).toMatchObject({ kind: 'refused' });
    expect(judge(answer(400, { error: 'took too long' }))).toMatchObject({ kind: 'refused' });
  });
});

describe('one message alone is at fault', () => {
  it('where Chatwoot broke down over it', () => {
    const rails = { status: 500, error: 'Internal Server Error' };
    expect(judge(answer(500, rails))).toEqual({
      kind: 'breakdown',
      reason: 'Chatwoot is failing (HTTP 500: Internal Server Error)',
    });
    expect(judge(answer(500))).toEqual({ kind: 'breakdown', reason: 'Chatwoot is failing (HTTP 500)' });
    expect(judge(answer(422, { error: 'OOM command not allowed' }))).toMatchObject({ kind: 'breakdown' });
  });

  it('where Chatwoot refuses it for good', () => {
    expect(judge(answer(422, { message: 'Content is too long', attributes: ['content'] }))).toEqual({
      kind: 'refused',
      reason: 'Chatwoot refuses the message (HTTP 422: Content is too long)',
    });
    expect(judge(answer(413))).toEqual({ kind: 'refused', reason: 'Chatwoot refuses the message (HTTP 413)' });
  });
});

it('what is no known trouble is a defect of ours', () => {
  expect(classifyError(new TypeError('x'), URL)).toBeUndefined();
  expect(classifyError('x', URL)).toBeUndefined();
});

it.each<[string, unknown, boolean]>([
  ['nobody knows what became of', failure(silence('maybe')), true],
  ['something else answered', NO_API, true],
  ['failed in our own code', new TypeError('x'), true],
  ['never left', failure(silence(false)), false],
  ['was refused', failure(answer(413)), false],
])('what %s is looked up before it is repeated: %#', (_name, error, expected) => {
  expect(isAmbiguous(error)).toBe(expected);
});

describe('the value of a call to Chatwoot', () => {
  const call = async (result: ChatwootResult) => readResult(result, anySchema);
  const ABSENT = answer(404, { error: 'Resource could not be found' });
  const BROKEN = answer(500, undefined, { method: 'GET' });

  it('is what it answered, or the failure', async () => {
    expect(await expectValue(call(answer(200, { id: 5 })))).toEqual({ id: 5 });
    await expect(expectValue(call(answer(413)))).rejects.toBeInstanceOf(DeliveryFailure);
    await expect(expectValue(call(ABSENT))).rejects.toBeInstanceOf(DeliveryFailure);
  });

  it('is nothing where Chatwoot does not have it, if that may be', async () => {
    expect(await findValue(call(answer(200, { id: 5 })))).toEqual({ id: 5 });
    expect(await findValue(call(ABSENT))).toBeUndefined();
    expect(await findValue(call(answer(404)))).toBeUndefined();
    await expect(findValue(call(BROKEN))).rejects.toBeInstanceOf(DeliveryFailure);
    await expect(findValue(call(silence(false)))).rejects.toBeInstanceOf(DeliveryFailure);
  });

  it('is nothing where Chatwoot breaks down over it, if that may be, too', async () => {
    expect(await findUnlessBroken(call(answer(200, { id: 5 })))).toEqual({ id: 5 });
    expect(await findUnlessBroken(call(BROKEN))).toBeUndefined();
    expect(await findUnlessBroken(call(ABSENT))).toBeUndefined();
    await expect(findUnlessBroken(call(answer(503)))).rejects.toBeInstanceOf(DeliveryFailure);
    await expect(findUnlessBroken(call(silence('maybe')))).rejects.toBeInstanceOf(DeliveryFailure);
  });

  it('which attributes are taken, in whatever language it says so', () => {
    const taken = (result: ChatwootResult) => takenAttributes(failure(result).failure);
    expect(taken(answer(422, { message: 'já está em uso', attributes: ['phone_number', 5] }))).toEqual(['phone_number']);
    expect(taken(answer(422, { message: 'x' }))).toBeUndefined();
    expect(taken(answer(422, null))).toBeUndefined();
    expect(taken(answer(422, 'x'))).toBeUndefined();
    expect(taken(answer(422, { attributes: 'phone_number' }))).toBeUndefined();
    expect(taken(answer(400, { attributes: ['phone_number'] }))).toBeUndefined();
    expect(taken(silence(false))).toBeUndefined();
  });
});
