import { describe, expect, it } from 'vitest';
import type { BridgeFailure } from '../../shared/bridge-client/outcome.ts';
import { classify, ofOther, ofPonte, url } from './classification.fixture.ts';

const http = (status: number, more: Partial<Extract<BridgeFailure, { kind: 'http' }>> = {}): BridgeFailure => ({
  kind: 'http',
  status,
  error: undefined,
  text: '',
  retryAfterSeconds: undefined,
  ...more,
});

describe('how long to wait is handed on', () => {
  const told = (failure: BridgeFailure) => classify(failure).retryAfterSeconds;

  it('from Chatwoot, or else from the bridge; at once is a time as well', () => {
    expect(told(ofPonte({ status: 429, retry_after_seconds: 0 }))).toBe(0);
    expect(
      told({ ...http(502), ...ofPonte({ status: 429, retry_after_seconds: 7 }), retryAfterSeconds: 9 } as BridgeFailure),
    ).toBe(7);
    expect(
      told({ ...http(502), ...ofPonte({ status: 429, retry_after_seconds: null }), retryAfterSeconds: 9 } as BridgeFailure),
    ).toBe(9);
    expect(told(http(503, { retryAfterSeconds: 9 }))).toBe(9);
    expect(told(http(503))).toBeUndefined();
    expect(classify(http(503))).not.toHaveProperty('retryAfterSeconds');
    expect(told(http(503, { retryAfterSeconds: Number.NaN }))).toBeUndefined();
  });
});

describe('the values in a message', () => {
  it('a limit of time is a second at least, in whole ones', () => {
    expect(classify({ kind: 'timeout', timeoutMs: 100 }).message).toContain('within 1 s');
    expect(classify({ kind: 'timeout', timeoutMs: 7_400 }).message).toContain('within 7 s');
  });

  it('says so where there is no detail', () => {
    expect(classify(ofPonte({ status: 500, url: '', body: '' })).message).toContain('HTTP 500');
    const silent: BridgeFailure = http(502, { error: { message: '', upstream: { method: 'POST', url, network: '' } } });
    expect(classify(silent).message).toContain('Detail: none given');
  });

  it('names the bridge for its own failures, and Chatwoot for those of Chatwoot', () => {
    expect(classify({ kind: 'network', sent: false, code: 'ECONNREFUSED', message: 'refused' }).message).toMatch(
      /http:\/\/bridge:3001.*ECONNREFUSED: refused/,
    );
    expect(classify(ofPonte({ network: 'ECONNREFUSED' })).message).toContain('https://chat.example.com');
  });

  it('shows Chatwoot’s answer by its address and status, or what the bridge says of it where there is no body', () => {
    expect(classify(ofPonte({ status: 401, body: 'text' })).message).toContain(`${url} HTTP 401: text`);
    const bare = http(502, { error: { message: 'what the bridge says', upstream: { method: 'POST', url, status: 401 } } });
    expect(classify(bare).message).toContain('Detail: what the bridge says');
  });

  it('tells a cause by what the bridge says, where no code is told', () => {
    const failure = http(502, { error: { message: 'getaddrinfo ENOTFOUND x', upstream: { method: 'POST', url } } });
    expect(classify(failure).code).toBe('chatwoot_unknown_host');
  });
});

describe('a bridge that speaks for itself', () => {
  it.each([
    [299, 'bridge_failing'],
    [300, 'bridge_wrong_address'],
    [399, 'bridge_wrong_address'],
    [400, 'bridge_failing'],
  ])('answers a success that is none with %i', (status, code) => {
    expect(classify({ kind: 'protocol', status, detail: 'x' }).code).toBe(code);
  });

  it.each([
    [401, 'bridge_unauthorized'],
    [403, 'bridge_unauthorized'],
    [404, 'bridge_wrong_address'],
    [405, 'bridge_wrong_address'],
    [408, 'bridge_failing'],
    [409, 'bridge_busy'],
    [410, 'bridge_refused'],
    [425, 'bridge_failing'],
    [429, 'bridge_failing'],
    [499, 'bridge_refused'],
    [500, 'bridge_failing'],
  ])('refuses with %i', (status, code) => {
    expect(classify(ofOther('no', status)).code).toBe(code);
  });

  it('is not busy with what it has a code of its own for', () => {
    expect(classify(http(409, { error: { message: 'x', code: 'idempotency_key_reused' } })).code).toBe('bridge_refused');
    expect(classify(http(409, { error: { message: 'x' } })).code).toBe('bridge_busy');
  });

  it('is believed in what it says of Chatwoot, as far as there is such a code', () => {
    const said = (code: string) => classify(http(502, { error: { message: 'its words', code } }));
    expect(said('chatwoot_token_invalid')).toMatchObject({ code: 'chatwoot_token_invalid', message: 'its words' });
    expect(said('chatwoot_whatever').code).toBe('bridge_failing');
    expect(said('rate_limited').code).toBe('bridge_failing');
    expect(said('bridge_unauthorized').code).toBe('bridge_unauthorized');
  });
});

describe('the words of another bridge', () => {
  const TOKEN = `${url} HTTP 401: {"error":"Invalid Access Token"}`;

  it.each<[string, string]>([
    ['as they are', TOKEN],
    ['as JSON text', JSON.stringify(TOKEN)],
    ['as `error`', JSON.stringify({ error: TOKEN })],
    ['as `message`, where `error` is none', JSON.stringify({ error: { code: 5 }, message: TOKEN })],
    ['as `detail`', JSON.stringify({ detail: TOKEN })],
  ])('are read %s', (_name, text) => {
    const error = classify(ofOther(text));
    expect(error.code).toBe('chatwoot_token_invalid');
    expect(error.message).toContain(`Detail: ${TOKEN}`);
  });

  it.each(['null', '5', '[]', '{}', '{"error":5}'])('are shown as they came where they say nothing: %s', (text) => {
    expect(classify(ofOther(text, 500)).message).toContain(`HTTP 500: ${text}`);
  });

  it('after 401 and 403 count only with Chatwoot’s own address', () => {
    for (const status of [401, 403]) {
      expect(classify(ofOther('HTTP 404: {"error":"Resource could not be found"}', status)).code).toBe('bridge_unauthorized');
      expect(classify(ofOther('connect ECONNREFUSED', status)).code).toBe('bridge_unauthorized');
      expect(classify(ofOther(`${url} HTTP 404: {"error":"Resource could not be found"}`, status)).code).toBe(
        'chatwoot_account_not_found',
      );
    }
    expect(classify(ofOther('HTTP 404: {"error":"Resource could not be found"}', 402)).code).toBe('chatwoot_account_not_found');
  });

  it('about an address that is none are about Chatwoot', () => {
    expect(classify(ofOther('inbox: HTTP 401: {"error":"Invalid Access Token"}')).code).toBe('chatwoot_token_invalid');
    expect(classify(ofOther('data:x HTTP 401: {"error":"Invalid Access Token"}')).code).toBe('chatwoot_token_invalid');
  });
});
