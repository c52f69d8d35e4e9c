import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isOlderThanHeld } from '../../bridge/chatwoot/release.ts';
import { OLDEST_RELEASE, oldReleaseWarning } from '../../shared/contracts/releases.ts';
import { type BridgeFixture, type BridgeUnderTest, createBridgeFixture } from '../support/bridge-fixture.ts';
import { releases } from './chatwoot/releases.ts';

it('the oldest release that is told to be held is the oldest that the contract suite holds', () => {
  expect(releases.every((release) => !isOlderThanHeld(release))).toBe(true);
  expect(releases).toContain(OLDEST_RELEASE);
  expect(['3.12.9', '3.9', '2.17.1', '0.9.0'].map(isOlderThanHeld)).toEqual([true, true, true, true]);
  expect(['3.13.0', '3.14', '4.0.0', '10.1.2', 'develop', ''].map(isOlderThanHeld)).toEqual(Array(6).fill(false));
  expect(oldReleaseWarning('3.9.0')).toEqual([expect.stringMatching(/3\.9\.0.*3\.13\.0 and later/)]);
  expect([oldReleaseWarning(null), oldReleaseWarning(undefined)]).toEqual([[], []]);
});

describe.each([
  ['3.9.0', '3.9.0'],
  ['3.13.0', undefined],
  ['4.16.2', undefined],
])('a Chatwoot %s', (version, told) => {
  let fixture: BridgeFixture;
  let bridge: BridgeUnderTest;
  beforeAll(async () => {
    fixture = await createBridgeFixture({ version });
    bridge = await fixture.startBridge();
  });
  afterAll(() => fixture?.stop());

  it(`is ${told === undefined ? 'not ' : ''}told to be older than what Ponte is held by, by a check and by an activation`, async () => {
    const checked = await bridge.call('POST', '/v1/integrations/check', { body: fixture.body() });
    expect(checked.status).toBe(200);
    expect(checked.body.old_release ?? undefined).toBe(told);
    fixture.chatwoot.state.clearRequests();
    const { status, body } = await bridge.activate('act_release');
    expect(status).toBe(201);
    expect(body.old_release).toBe(told);
    // Whoever signs webhooks is held, and is not asked.
    expect(fixture.chatwoot.state.countRequests('GET', /^\/api$/)).toBe(version === '4.16.2' ? 0 : 1);
  });
});
