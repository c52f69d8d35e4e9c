import { describe, expect, it } from 'vitest';
import { chatwootSight, isRemovalUnderWay, mayHaveTakenEffect } from '../../shared/bridge-client/effect.ts';
import type { BridgeFailure } from '../../shared/bridge-client/outcome.ts';
import { ofOther, ofPonte } from './classification.fixture.ts';

describe('whether a failed activation may have left something behind', () => {
  it.each<[string, BridgeFailure, boolean]>([
    ['the last of the successes', { kind: 'protocol', status: 299, detail: '' }, true],
    ['the first of the redirects', { kind: 'protocol', status: 300, detail: '' }, false],
    ['another activation under way', ofOther('', 409), true],
    ['any other refusal of the bridge', ofOther('', 499), false],
    ['a success of Chatwoot that cannot be read', ofPonte({ status: 201 }), true],
    ['a redirect of Chatwoot', ofPonte({ status: 300 }), false],
    ['a refusal of Chatwoot', ofPonte({ status: 499 }), false],
    ['a failure of Chatwoot for a reason that is not told', ofPonte({}), true],
  ])('%s', (_name, failure, expected) => {
    expect(mayHaveTakenEffect(failure)).toBe(expected);
  });
});

describe('what a call to the bridge shows of Chatwoot', () => {
  const sight = (failure: BridgeFailure) => chatwootSight({ ok: false, failure });

  it.each<[string, BridgeFailure]>([
    ['refused', ofPonte({ status: 401 })],
    ['failing', ofPonte({ status: 500 })],
    ['away, which was told at once', ofPonte({ network: 'ECONNREFUSED' })],
    ['away, nobody says how', ofPonte({})],
    // It answered: what else is told of the network does not matter.
    ['too slow for its proxy', ofPonte({ status: 504, network: 'timeout' })],
  ])('it answers: %s', (_name, failure) => {
    expect(sight(failure)).toEqual({ kind: 'answered' });
  });

  it('it answers: it did what it was asked', () => {
    expect(chatwootSight({ ok: true, value: undefined })).toEqual({ kind: 'answered' });
  });

  it.each([
    ['timeout', true],
    ['CONNECT_TIMEOUT', false],
    ['ETIMEDOUT', false],
  ])('it is silent, after %s, and whether it has heard: %s', (network, sent) => {
    expect(sight(ofPonte({ network }))).toEqual({ kind: 'silent', sent });
  });

  it.each<[string, BridgeFailure]>([
    ['the bridge is at fault itself', ofOther('', 500)],
    ['the bridge cannot be reached', { kind: 'network', sent: false, code: 'ECONNREFUSED', message: '' }],
    ['the bridge does not answer', { kind: 'timeout', timeoutMs: 1 }],
  ])('nothing, where %s', (_name, failure) => {
    expect(sight(failure)).toEqual({ kind: 'nothing' });
  });
});

it('a removal is under way as soon as the bridge speaks of Chatwoot', () => {
  expect(isRemovalUnderWay(ofPonte({ status: 500 }))).toBe(true);
  expect(isRemovalUnderWay(ofOther('', 503))).toBe(false);
  expect(isRemovalUnderWay({ kind: 'protocol', status: 502, detail: '' })).toBe(false);
});
