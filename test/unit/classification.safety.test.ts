import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { activationErrorSchema } from '../../shared/activations/error.ts';
import { classifyBridgeFailure } from '../../shared/bridge-client/classification.ts';
import { mayHaveTakenEffect } from '../../shared/bridge-client/effect.ts';
import type { BridgeFailure } from '../../shared/bridge-client/outcome.ts';
import { bridgeErrorSchema, diagnosisSchema } from '../../shared/contracts/bridge.ts';
import { bridgeUrl, classify, ofOther, ofPonte, url } from './classification.fixture.ts';

describe('secrets in what a bridge says', () => {
  const token = 'Zk8"sé4Qm/2vN+7xYtRw1B';
  it.each([
    ['as it is', token],
    ['inside JSON', JSON.stringify({ echo: token })],
    ['in a URL', `https://x/?q=${encodeURIComponent(token)}`],
    ['cut off at the end', `echo ${token.slice(0, 15)}`],
  ])('the Chatwoot token is masked in the detail: %s', (_, body) => {
    const { message } = classify(ofPonte({ status: 500, body }), [token]);
    expect(message).toContain('[redacted]');
    expect(message).not.toContain(token.slice(5, 15));
    expect(message).not.toContain(encodeURIComponent(token).slice(8, 20));
  });

  it('so is whatever is named as a secret, and the login in an address', () => {
    const body = '{"access_token":"abcdefgh1234","pubsub_token": "zzzzyyyyxxxx"} Authorization: Bearer qqqqwwww1111';
    const { message } = classify(ofPonte({ status: 500, body, url: 'https://ana:hunter22@chat.example.com/x' }));
    expect(message).not.toMatch(/abcdefgh|zzzzyyyy|qqqqwwww|hunter22/);
  });
});

describe('whether a failed call may have left something behind', () => {
  it.each<[string, BridgeFailure, boolean]>([
    ['a refused connection', { kind: 'network', sent: false, code: 'ECONNREFUSED', message: '' }, false],
    ['no connection in time', { kind: 'network', sent: false, code: 'CONNECT_TIMEOUT', message: '' }, false],
    [
      'a connection that was reset before the request had left',
      { kind: 'network', sent: false, code: 'ECONNRESET', message: '' },
      false,
    ],
    ['a reset connection', { kind: 'network', sent: 'maybe', code: 'ECONNRESET', message: '' }, true],
    ['a timeout', { kind: 'timeout', timeoutMs: 1 }, true],
    ['a call we gave up', { kind: 'aborted' }, true],
    ['a redirect', { kind: 'protocol', status: 301, detail: '' }, false],
    ['a broken success', { kind: 'protocol', status: 200, detail: '' }, true],
    ['a clean refusal by Chatwoot', ofPonte({ status: 401 }), false],
    ['an error of Chatwoot', ofPonte({ status: 500 }), true],
    ['a proxy of Chatwoot that stopped waiting', ofPonte({ status: 408 }), true],
    ['a Chatwoot that was never reached', ofPonte({ network: 'ENOTFOUND' }), false],
    ['a Chatwoot that did not answer', ofPonte({ network: 'timeout' }), true],
    ['a refused BRIDGE_TOKEN', ofOther('', 401), false],
    ['an error of the bridge', ofOther('', 500), true],
  ])('%s', (_, failure, expected) => {
    expect(mayHaveTakenEffect(failure)).toBe(expected);
  });
});

it('whatever the bridge says, the outcome is a code of the catalogue in one bounded printable line', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 3_000 }),
    fc.json(),
    fc.array(fc.string({ unit: 'binary' })).map((attributes) => JSON.stringify({ message: 'x', attributes })),
    fc.tuple(fc.string(), fc.integer({ min: 100, max: 999 }), fc.string()).map(([a, b, c]) => `${a} HTTP ${b}: ${c}`),
    fc.string().map((reason) => `Post "${url}": ${reason}`),
  );
  const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
  const upstream = fc.record(
    {
      method: fc.string(),
      url: fc.oneof(text, fc.webUrl()),
      status: nullable(fc.oneof(fc.integer(), fc.constantFrom(200, 301, 400, 401, 403, 404, 422, 429, 500))),
      body: nullable(text),
      location: nullable(text),
      retry_after_seconds: nullable(fc.double()),
      network: nullable(fc.oneof(text, fc.constantFrom('ECONNRESET', 'timeout', 'address_forbidden'))),
      diagnosis: nullable(fc.constantFrom(...diagnosisSchema.options)),
    },
    { requiredKeys: ['method', 'url'] },
  );
  const error = fc.record({ message: text, code: fc.string(), upstream }, { requiredKeys: ['message'] });
  const failure: fc.Arbitrary<BridgeFailure> = fc.oneof(
    fc.record({
      kind: fc.constant('network' as const),
      sent: fc.constantFrom(false as const, 'maybe' as const),
      code: fc.string(),
      message: text,
    }),
    fc.record({ kind: fc.constant('protocol' as const), status: fc.integer(), detail: text }),
    fc.record({
      kind: fc.constant('http' as const),
      status: fc.integer({ min: 0, max: 999 }),
      error: fc.option(
        error.filter((value) => bridgeErrorSchema.safeParse({ error: value }).success),
        { nil: undefined },
      ),
      text,
      retryAfterSeconds: fc.option(fc.double(), { nil: undefined }),
    }),
  );
  fc.assert(
    fc.property(failure, fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (value, base, secret) => {
      const outcome = classifyBridgeFailure(value, { chatwootBaseUrl: base, chatwootAccountId: 1 }, bridgeUrl, [secret]);
      expect(activationErrorSchema.safeParse(outcome).success).toBe(true);
      expect(outcome.message).not.toMatch(/[\p{Cc}\p{Surrogate}\u2028\u2029\u202e]/u);
      expect(outcome.message.length).toBeLessThan(2_000);
      expect(JSON.parse(JSON.stringify(outcome))).toEqual(outcome);
      expect(typeof mayHaveTakenEffect(value)).toBe('boolean');
    }),
    { numRuns: 100 },
  );
});
