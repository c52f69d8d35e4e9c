import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ACCOUNT, activateFleet, type Fleet, type Member, openChatwoot } from '../../bench/relay/fleet.ts';
import { createFrontDoor, type FrontDoor } from '../../bench/relay/front-door.ts';
import { percentile } from '../../bench/relay/percentile.ts';
import { createTraffic, type SentMessage, type Traffic } from '../../bench/relay/traffic.ts';
import { createRandom } from '../../bench/soak/random.ts';
import { type ChatwootSimulator, createChatwootSimulator } from '../../simulators/chatwoot/index.ts';
import { createWhatsappEngineSimulator, type WhatsappEngineSimulator } from '../../simulators/whatsapp-engine/index.ts';
import { createLateProxy, type LateProxy } from '../support/late-proxy.ts';
import { type Stack, startStack } from '../support/stack.ts';
import { waitFor } from '../support/wait-for.ts';

const ENGINE_TOKEN = 'engine-account-token';
const KNOWN_CHATS = 40;
const MESSAGES = 200;
const FIRST_CONTACTS = 50;
const PER_SECOND = 4;
const KILLS = 3;
/** As long as Rails may take for a request that was begun, and a proxy in front of it. */
const SLOWEST_MS = 19_000;
/** Every post of a message is slow, and every second one is cut as well, until all has been written and this has passed. */
const AFTERWARDS_MS = 30_000;
const LIMIT_MS = 10 * 60_000;

let slow: ChatwootSimulator;
let quick: ChatwootSimulator;
let proxy: LateProxy;
let engine: WhatsappEngineSimulator;
let door: FrontDoor;
let stack: Stack;
let fleet: Fleet;
let traffic: Traffic;

beforeAll(async () => {
  slow = createChatwootSimulator();
  quick = createChatwootSimulator();
  engine = createWhatsappEngineSimulator({ token: ENGINE_TOKEN });
  const [slowToken, quickToken, { url: engineUrl }, opened] = await Promise.all([
    openChatwoot(slow),
    openChatwoot(quick),
    engine.start(),
    createFrontDoor(),
  ]);
  proxy = await createLateProxy(slow.url());
  door = opened;
  const env = { BRIDGE_URL: door.url, BRIDGE_PUBLIC_URL: door.url, ENGINE_URL: engineUrl, ENGINE_TOKEN };
  stack = await startStack({ engine: 'postgres', bridges: 2, env });
  door.leadTo(stack.bridges.map(({ port }) => port));
  fleet = await activateFleet({
    stack,
    engine,
    places: [
      { chatwoot: slow, token: slowToken, chats: KNOWN_CHATS + FIRST_CONTACTS, baseUrl: proxy.url },
      { chatwoot: quick, token: quickToken, chats: 4 },
    ],
  });
  traffic = createTraffic({ fleet, stack });
});
afterAll(async () => {
  await stack?.stop();
  await Promise.all([slow, quick, engine, door, proxy].map((each) => each?.stop()));
});

/** What reaches Chatwoot takes up to 19 s, and half of it is cut meanwhile: a stock of it, since each is for one request. */
function slowDown(random: ReturnType<typeof createRandom>): void {
  for (let count = 0; count < 3 * (MESSAGES + FIRST_CONTACTS); count += 1) {
    const effectMs = random.integer(0, SLOWEST_MS);
    const cut = random.chance(50) ? { cutMs: random.integer(0, effectMs) } : {};
    proxy.hold({ method: 'POST', path: /\/(messages|conversations|contacts)$/, effectMs, ...cut });
  }
}

/** `kill -9`, and another one in its place. */
async function killBridges(isDone: () => boolean): Promise<void> {
  let bridges = [...stack.bridges];
  for (let count = 0; count < KILLS && !isDone(); count += 1) {
    await delay(12_000);
    const [victim, ...others] = bridges;
    await victim?.process.kill9();
    bridges = [...others, await stack.startBridge()];
    door.leadTo(bridges.map(({ port }) => port));
  }
}

it(
  `${MESSAGES} messages and ${FIRST_CONTACTS} first contacts arrive once and in order, though each post takes up to 19 s, every second is cut and bridges are killed`,
  async () => {
    const random = createRandom(7);
    const [troubled, healthy] = fleet.members as [Member, Member];
    const known = troubled.chats.slice(0, KNOWN_CHATS);
    const strangers = troubled.chats.slice(KNOWN_CHATS);
    for (const chat of known) traffic.write(troubled, chat);
    for (const chat of healthy.chats) traffic.write(healthy, chat);
    await traffic.settled(120_000);

    slowDown(random);
    let isDone = false;
    const killing = killBridges(() => isDone);
    const beside: SentMessage[] = [];
    for (let count = 0; count < MESSAGES; count += 1) {
      traffic.write(troubled, random.pick(known));
      const stranger = strangers[count];
      if (stranger !== undefined) traffic.write(troubled, stranger);
      beside.push(traffic.write(healthy, random.pick(healthy.chats)));
      await delay(1_000 / PER_SECOND);
    }
    await delay(AFTERWARDS_MS);
    isDone = true;
    proxy.release();
    await killing;
    await traffic.settled(LIMIT_MS / 2);
    const { prisma } = stack.database;
    await waitFor(async () => (await prisma.bridgePosting.count()) === 0, {
      timeoutMs: 120_000,
      describe: 'nothing being unknown',
    });

    const waits = traffic.latenciesMs(beside);
    console.log(
      `chats beside the slow Chatwoot waited ${Math.round(percentile(waits, 0.5))} ms (median), ${Math.round(percentile(waits, 1))} ms (longest, takeovers included)`,
    );
    expect(traffic.faults()).toEqual([]);
    expect(await prisma.bridgeDeadLetter.count()).toBe(0);
    for (const phone of strangers) {
      const addresses = slow.state.contactInboxes().filter(({ sourceId }) => sourceId === phone);
      const theirs = slow.state
        .conversations(ACCOUNT)
        .filter(({ contactInboxId }) => addresses.some(({ id }) => id === contactInboxId));
      const open = theirs.filter(({ status }) => status === 'open');
      expect({ phone, addresses: addresses.length, open: open.length }).toEqual({ phone, addresses: 1, open: 1 });
    }
  },
  LIMIT_MS,
);
