import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, type BridgeRig, type BridgeUnderTest, createBridgeRig } from '../support/bridge-rig.ts';

describe('activating through the bridge', () => {
  let rig: BridgeRig;
  let bridge: BridgeUnderTest;
  beforeAll(async () => {
    rig = await createBridgeRig();
    bridge = await rig.startBridge();
  });
  afterAll(() => rig?.stop());

  it('makes the inbox with exactly one call to Chatwoot', async () => {
    rig.chatwoot.state.clearRequests();
    const { status, body } = await bridge.activate('act_1', { instance: 'one-call', inbox_name: 'one-call' });
    expect({ status, body }).toEqual({
      status: 201,
      body: {
        id: expect.stringMatching(/^int_\w{16}$/),
        status: 'active',
        inbox_id: expect.any(Number),
        inbox_name: 'one-call',
        replaces: null,
        chatwoot_ms: expect.any(Number),
      },
    });
    expect(rig.chatwoot.state.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      `POST /api/v1/accounts/${ACCOUNT}/inboxes`,
    ]);
  });
});
