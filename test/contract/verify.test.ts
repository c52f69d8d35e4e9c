import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ACCOUNT, createRelayFixture, type RelayFixture } from '../support/relay-fixture.ts';
import { BRIDGE_TOKEN } from './api/harness.ts';

interface Way {
  readonly proven: boolean;
  readonly reason: string;
  readonly took_ms?: number;
  readonly proven_at: string | null;
}

describe.concurrent.each(['4.1.0', undefined])('the way from Chatwoot %s to the bridge', (release) => {
  let fixture: RelayFixture;
  beforeAll(async () => {
    fixture = await createRelayFixture({ release });
  });
  afterAll(() => fixture?.stop());

  /** Asks the bridge, as the api does. */
  async function verify(): Promise<Way> {
    const url = `${fixture.bridgeUrl}/v1/integrations/${fixture.integrationId}/verify`;
    const response = await fetch(url, { method: 'POST', headers: { authorization: `Bearer ${BRIDGE_TOKEN}` } });
    expect(response.status).toBe(200);
    return (await response.json()) as Way;
  }
  const contacts = () => fixture.chatwoot.state.contacts(ACCOUNT).map(({ name }) => name);

  it.sequential('is proven where nobody has written yet, and nothing is left of it', async () => {
    const way = await verify();
    expect(way).toMatchObject({ proven: true, reason: '', proven_at: expect.any(String) });
    expect(contacts()).not.toContain('Ponte');
    const live = await fetch(`${fixture.bridgeUrl}/v1/integrations/${fixture.integrationId}`, {
      headers: { authorization: `Bearer ${BRIDGE_TOKEN}` },
    });
    expect(await live.json()).toMatchObject({ proven_at: expect.any(String) });
  });

  it.sequential('is proven in a conversation that there is, without a message, a contact or a conversation more', async () => {
    const message = await fixture.arrived(
      fixture.receive({ from: { phone: '5511988887777', name: 'Maria' }, content: { type: 'text', text: 'Oi' } }),
    );
    await fixture.settled();
    const before = [fixture.chatwoot.state.messages(ACCOUNT).length, contacts().length];
    fixture.chatwoot.state.clearRequests();
    expect(await verify()).toMatchObject({ proven: true });
    // Since 4.2.0 Chatwoot tells of a note that is typed: nobody has to be made up for a while.
    if (release === undefined) expect(fixture.chatwoot.state.countRequests('POST', /\/contacts$/)).toBe(0);
    expect([fixture.chatwoot.state.messages(ACCOUNT).length, contacts().length]).toEqual(before);
    expect(fixture.conversationOf(message).status).toBe('open');
    expect(fixture.engine.state.sent()).toEqual([]);
  });

  it.sequential('is not where webhooks do not arrive: then it is said what to change', async () => {
    fixture.chatwoot.state.webhooks.lose(100);
    const way = await verify();
    expect(way).toMatchObject({ proven: false, reason: expect.stringContaining('set BRIDGE_PUBLIC_URL to a public address') });
    expect(contacts()).not.toContain('Ponte');
  });
});
