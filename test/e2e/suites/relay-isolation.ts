import { afterAll, beforeAll, expect, it } from 'vitest';
import { activateFleet, type Fleet, openChatwoot } from '../../../bench/relay/fleet.ts';
import { shownIsolation, silenceOne } from '../../../bench/relay/isolation.ts';
import { createTraffic, type Traffic } from '../../../bench/relay/traffic.ts';
import { type ChatwootSimulator, createChatwootSimulator } from '../../../simulators/chatwoot/index.ts';
import { createWhatsappEngineSimulator, type WhatsappEngineSimulator } from '../../../simulators/whatsapp-engine/index.ts';
import { type Stack, startStack } from '../../support/stack.ts';

const ENGINE_TOKEN = 'engine-account-token';

/** What one integration whose Chatwoot is silent does to `healthy` others, measured over so much traffic. */
export function itKeepsIntegrationsApart({
  healthy,
  perSecond,
  seconds,
  heldUpMs,
}: {
  healthy: number;
  perSecond: number;
  seconds: number;
  /** How much longer a message may take meanwhile. One that waits behind another to the silent Chatwoot takes fifteen seconds. */
  heldUpMs: number;
}): void {
  let chatwoots: ChatwootSimulator[];
  let engine: WhatsappEngineSimulator;
  let stack: Stack;
  let fleet: Fleet;
  let traffic: Traffic;

  beforeAll(async () => {
    const [chatwoot, silent] = [createChatwootSimulator(), createChatwootSimulator()];
    chatwoots = [chatwoot, silent];
    engine = createWhatsappEngineSimulator({ token: ENGINE_TOKEN });
    const [token, silentToken, { url: engineUrl }] = await Promise.all([
      openChatwoot(chatwoot),
      openChatwoot(silent),
      engine.start(),
    ]);
    stack = await startStack({ engine: 'postgres', env: { ENGINE_URL: engineUrl, ENGINE_TOKEN } });
    // More chats than the bridge works on at a time for one integration.
    const places = [
      { chatwoot: silent, token: silentToken, chats: 12 },
      ...Array.from({ length: healthy }, () => ({ chatwoot, token, chats: 2 })),
    ];
    fleet = await activateFleet({ stack, engine, places });
    traffic = createTraffic({ fleet, stack });
    for (const member of fleet.members) for (const chat of member.chats) traffic.write(member, chat);
    await traffic.settled(60_000);
  });
  afterAll(async () => {
    await stack?.stop();
    await Promise.all([...(chatwoots ?? []), engine].map((simulator) => simulator?.stop()));
  });

  it(`keeps ${healthy} integrations as quick as before while the Chatwoot of another one is silent, and catches that one up`, async () => {
    const [silent] = fleet.members;
    if (silent === undefined) throw new Error('there is nobody');

    const isolation = await silenceOne({ stack, fleet, traffic, silent, perSecond, seconds });

    console.log(shownIsolation(isolation));
    expect(isolation.duringP95Ms).toBeLessThan(4 * isolation.beforeP95Ms + heldUpMs);
    expect(isolation.told).toMatchObject({
      status: 200,
      body: {
        status: 'error',
        last_error: expect.stringMatching(
          /^Chatwoot is unreachable at http:\/\/127\.0\.0\.1:\d+ \(.*timeout.*\) — messages wait and are delivered by themselves when it is back$/,
        ),
      },
    });
    expect(traffic.faults()).toEqual([]);
    const after = await stack.request({ method: 'GET', path: `/api/chatwoot/list/${silent.name}`, token: fleet.token });
    expect(after.body).toMatchObject({ status: 'active', last_error: '' });
  }, 240_000);
}
