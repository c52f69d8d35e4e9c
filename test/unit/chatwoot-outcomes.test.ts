import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { anySchema } from '../../bridge/chatwoot/answers.ts';
import { FINAL_ANSWERS } from '../../bridge/chatwoot/final-answers.ts';
import { readResult } from '../../bridge/chatwoot/outcome.ts';
import type { ChatwootResult } from '../../bridge/chatwoot/transport.ts';

const url = 'https://chat.example.com/api/v1/accounts/5/conversations/3/messages';

function outcome(status: number, body: unknown, { method = 'POST', path = '' } = {}) {
  const json = typeof body === 'string' ? undefined : body;
  const head = { kind: 'response', status, contentType: '', location: undefined, retryAfterSeconds: undefined } as const;
  const response: ChatwootResult = { ...head, method, url: url + path, body: JSON.stringify(body), json };
  const read = readResult(response, anySchema);
  if (read.ok) return 'done';
  const { failure } = read;
  return failure.kind === 'unknown' ? (failure.settled ? 'unknown, and over' : 'unknown') : failure.kind;
}

const error = (text: string) => ({ error: text });

/** An answer of each row of the table, in its order. */
const FINAL: readonly (readonly [status: number, body: unknown])[] = [
  ...[301, 302, 303, 307, 308].map((status) => [status, '<html>'] as const),
  [400, { status: 400, error: 'Bad Request' }],
  [401, error('Invalid Access Token')],
  [402, error('Account limit exceeded. Upgrade to a higher plan')],
  [403, error('API access is not enabled for this account')],
  [404, { status: 404, error: 'Not Found' }],
  [405, '<html>'],
  [406, '<html>'],
  [411, '<html>'],
  [413, '<html>'],
  [414, '<html>'],
  [415, '<html>'],
  [429, 'Retry later\n'],
  [431, '<html>'],
  [422, { message: 'Telefone já está em uso', attributes: ['phone_number'] }],
  [422, error('Validation failed: Too many messages')],
  [422, error('Validation failed: Content is too long (maximum is 150000 characters)')],
  [422, error('param is missing or the value is empty: webhook')],
  [422, error('string contains null byte')],
  [422, error("'x' is not a valid message_type")],
  [422, error('Incoming messages are only allowed in Api inboxes')],
  [422, error('source_id should be unique')],
];

describe('an answer to a write', () => {
  it.each(FINAL.map(([status, body], row) => [FINAL_ANSWERS[row]?.because ?? '', status, body] as const))(
    'proves that nothing was done: %s (%i)',
    (_because, status, body) => {
      expect(outcome(status, body)).toBe('refused');
    },
  );

  it('proves so by every row of the table for itself', () => {
    expect(FINAL.map(([status]) => status)).toEqual(FINAL_ANSWERS.map(({ status }) => status));
  });

  it('says that there is no such record, by which nothing is done either', () => {
    expect(outcome(404, error('Resource could not be found'))).toBe('absent');
  });

  it.each([
    'The request took too long to complete. Please try again.',
    'PG::QueryCanceled: ERROR:  canceling statement due to statement timeout\n',
    'PQconsumeInput() FATAL:  terminating connection due to administrator command\n',
    'Connection refused - connect(2) for 127.0.0.1:6379 (redis://127.0.0.1:6379)',
    'Waited 1 seconds',
    "OOM command not allowed when used memory > 'maxmemory'.",
    'No space left on device - sendfile',
    "undefined method `source_id' for nil",
    'Validation failed: what no release was seen to say',
    'A validação falhou: Conteúdo é muito longo',
  ])('proves nothing, and what was done stands there by then: 422 %s', (text) => {
    expect(outcome(422, error(text))).toBe('unknown, and over');
  });

  it('proves nothing where Rails broke down, which has ended its work', () => {
    expect(outcome(500, { status: 500, error: 'Internal Server Error' })).toBe('unknown, and over');
  });

  it.each([
    [408, '<html>'],
    [409, '<html>'],
    [422, '<html>'],
    [499, ''],
    [500, '<html>'],
    [500, error('no word of Rails')],
    [502, { status: 500, error: 'Internal Server Error' }],
    [503, error('of a proxy that speaks JSON')],
    [502, '<html>'],
    [503, '<html>'],
    [504, '<html>'],
    [520, '<html>'],
  ])('proves nothing where somebody else gives it: %i', (status, body) => {
    expect(outcome(status, body)).toBe('unknown');
  });
});

it.each([
  ['GET', ''],
  ['POST', '/contacts/filter'],
])('a look-up that was refused has done nothing, whatever the reason: %s%s', (method, path) => {
  expect(outcome(422, error('Invalid operator'), { method, path })).toBe('refused');
});

it.each([
  [300, 'refused'],
  [499, 'refused'],
  [500, 'unknown'],
])('a look-up that was answered with %i is %s', (status, expected) => {
  expect(outcome(status, '<html>', { method: 'GET' })).toBe(expected);
});

it('a look-up for which Chatwoot’s database took too long may be asked again', () => {
  expect(outcome(422, error('The request took too long to complete. Please try again.'), { method: 'GET' })).toBe(
    'unknown, and over',
  );
});

it('a path that only holds the word of a look-up is none', () => {
  expect(outcome(422, error('Invalid operator'), { path: '/filter/1' })).toBe('unknown, and over');
});

describe('no answer', () => {
  const none = (sent: false | 'maybe'): ChatwootResult => ({
    kind: 'failed',
    method: 'POST',
    url,
    sent,
    code: 'ECONNRESET',
    message: '',
  });

  it('to what never left has done nothing', () => {
    expect(readResult(none(false), anySchema)).toEqual({ ok: false, failure: { kind: 'not_sent', response: none(false) } });
  });

  it('to what may have left leaves open what was done, and whether it still is', () => {
    const response = none('maybe');
    expect(readResult(response, anySchema)).toEqual({ ok: false, failure: { kind: 'unknown', response, settled: false } });
  });
});

it('a success that is no answer of Chatwoot’s API is told as that', () => {
  const head = { kind: 'response', status: 200, contentType: '', location: undefined, retryAfterSeconds: undefined } as const;
  const response: ChatwootResult = { ...head, method: 'GET', url, body: '[]', json: [] };
  expect(readResult(response, z.object({ id: z.number() }))).toEqual({ ok: false, failure: { kind: 'no_api', response } });
});
