import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { DELIVERY_PATH, openDeliveryKey } from '../../../shared/engines/delivery-key.ts';
import { RESTORED, wishForEvents } from '../../../shared/instances/webhook-wish.ts';
import { createWahaSimulator } from '../../../simulators/engines/waha/index.ts';
import { dumpDatabase } from '../../support/dump.ts';
import { type ScriptedEvolution, startScriptedEvolution } from '../../support/scripted-evolution.ts';
import { waitFor } from '../../support/wait-for.ts';
import { createRig, type Fixture, settings, type TestInstance } from './fixture.ts';

const APIKEY = 'EvolutionApikeyMarker';
const BASE_URL = 'https://ponte.example.com';
/** What stands at an engine of somebody who uses it for other things already. */
const theirs = {
  enabled: true,
  url: 'https://n8n.example/webhook/PathOfAnotherMarker',
  headers: { authorization: 'HeaderOfAnotherMarker' },
  byEvents: false,
  base64: true,
  events: ['MESSAGES_UPSERT'],
};

let fixture: Fixture;
let evolution: ScriptedEvolution;

beforeAll(async () => {
  evolution = await startScriptedEvolution(APIKEY);
  fixture = await createRig({});
  await fixture.startWorker({ BASE_URL, ENGINE_ALLOW_PRIVATE_NETWORK: 'true' });
});
afterAll(async () => {
  const seen = [await dumpDatabase(fixture.databaseUrl), fixture.logs()].join('\n');
  expect(seen.includes('ins_')).toBe(true);
  const markers = [APIKEY, 'HeaderOfAnotherMarker', 'PathOfAnotherMarker', 'ptd_'];
  expect(markers.filter((marker) => seen.includes(marker))).toEqual([]);
  await fixture.stop();
  await evolution.stop();
});
beforeEach(() => {
  evolution.script.answer = 'well';
  evolution.script.chatwoot = false;
});

/** An instance that is paired in the engine. */
async function newInstance(token = APIKEY): Promise<TestInstance> {
  const instance = await fixture.newInstance();
  const engineToken = fixture.keyring.encrypt(token, { purpose: 'engine-token', owner: instance.id });
  await fixture.prisma.instance.update({
    where: { id: instance.id },
    data: { engineKind: 'evolution', engineUrl: evolution.url, engineToken },
  });
  return instance;
}

const activated = async (instance: TestInstance): Promise<void> => {
  expect(await fixture.settled(await fixture.activate(instance))).toMatchObject({ state: 'succeeded' });
};
const wishOf = ({ id }: TestInstance) => fixture.prisma.engineWebhook.findFirst({ where: { instanceId: id } });
const done = (instance: TestInstance) =>
  waitFor(async () => ((await wishOf(instance))?.doneAt ? wishOf(instance) : undefined), { describe: 'the webhook to be set' });
const restored = (instance: TestInstance) =>
  waitFor(async () => (await wishOf(instance)) === null, { describe: 'the webhook to be given back' });
const restore = ({ id }: TestInstance) =>
  fixture.prisma.$executeRawUnsafe(`UPDATE engine_webhooks SET ${RESTORED} WHERE instance_id = $1 AND wish = 'ours'`, id);
const wish = ({ id }: TestInstance) => fixture.prisma.$transaction((tx) => wishForEvents(tx, fixture.keyring, id));

async function addressOf({ id }: TestInstance) {
  const { deliveryKey } = await fixture.prisma.instance.findUniqueOrThrow({ where: { id } });
  const { key, proof } = openDeliveryKey(fixture.keyring, id, deliveryKey ?? '');
  return { url: `${BASE_URL}${DELIVERY_PATH}${key}`, proof };
}

describe('with an activation', () => {
  it('the engine delivers to us, with the proof of origin; what stood there is told and put back as it was', async () => {
    const instance = await newInstance();
    evolution.webhooks.set(instance.name, theirs);
    await activated(instance);
    expect(await done(instance)).toMatchObject({ warnings: [expect.stringContaining('its webhook led to n8n.example')] });
    const { url, proof } = await addressOf(instance);
    expect(evolution.webhooks.get(instance.name)).toMatchObject({ enabled: true, url, headers: { 'x-ponte-secret': proof } });

    await restore(instance);
    await restored(instance);
    expect(evolution.webhooks.get(instance.name)).toMatchObject(theirs);
  });

  it('where nothing stood, nothing is delivered afterwards; another Chatwoot that is switched on there is told', async () => {
    evolution.script.chatwoot = true;
    const instance = await newInstance();
    await activated(instance);
    expect(await done(instance)).toMatchObject({
      warnings: [expect.stringContaining('own Chatwoot integration is switched on')],
    });
    await restore(instance);
    await restored(instance);
    expect(evolution.webhooks.get(instance.name)).toMatchObject({ enabled: false });
  });

  it('succeeds where the engine is down; it is said why, and set as soon as it is back', async () => {
    evolution.script.answer = 'down';
    const instance = await newInstance();
    await activated(instance);
    const failing = await waitFor(async () => ((await wishOf(instance))?.lastError ? wishOf(instance) : undefined));
    expect(failing).toMatchObject({ doneAt: null, lastError: expect.stringContaining('engine is unreachable') });
    evolution.script.answer = 'well';
    await fixture.prisma.engineWebhook.updateMany({ where: { instanceId: instance.id }, data: { nextAttemptAt: new Date(0) } });
    expect(await done(instance)).toMatchObject({ lastError: '' });
  });

  it('again and again, it is looked at again, and what stood there first is still known', async () => {
    const instance = await newInstance();
    evolution.webhooks.set(instance.name, theirs);
    await activated(instance);
    await done(instance);
    await wish(instance);
    await done(instance);
    await restore(instance);
    await wish(instance);
    await done(instance);
    await restore(instance);
    await restored(instance);
    expect(evolution.webhooks.get(instance.name)).toMatchObject(theirs);
  });
});

describe('what is put back', () => {
  it('never replaces what somebody has set meanwhile', async () => {
    const instance = await newInstance();
    evolution.webhooks.set(instance.name, theirs);
    await activated(instance);
    await done(instance);
    const newer = { ...theirs, url: 'https://newer.example/hook' };
    evolution.webhooks.set(instance.name, newer);
    await restore(instance);
    await restored(instance);
    expect(evolution.webhooks.get(instance.name)).toEqual(newer);
  });

  it('outlives the instance, and the worker that was about to do it', async () => {
    const instance = await newInstance();
    evolution.webhooks.set(instance.name, theirs);
    await activated(instance);
    await done(instance);
    evolution.script.answer = 'silent';
    await fixture.prisma.chatwootIntegration.deleteMany({ where: { instanceId: instance.id } });
    await restore(instance);
    await fixture.prisma.instance.delete({ where: { id: instance.id } });
    const asked = evolution.asked.length;
    await waitFor(() => evolution.asked.length > asked, { describe: 'the engine to be asked' });
    evolution.script.answer = 'well';
    // As if whoever asks had died: its claim runs out.
    await fixture.prisma.engineWebhook.updateMany({
      where: { instanceId: instance.id },
      data: { claimedUntil: new Date(0), nextAttemptAt: new Date(0) },
    });
    await restored(instance);
    expect(evolution.webhooks.get(instance.name)).toMatchObject(theirs);
  });

  it('of another of our instances in the same place is what stood there before that one', async () => {
    const first = await newInstance();
    evolution.webhooks.set(first.name, theirs);
    await activated(first);
    await done(first);
    const second = await newInstance();
    await fixture.prisma.instance.update({ where: { id: second.id }, data: { engineName: first.name } });
    await activated(second);
    await done(second);
    expect(evolution.webhooks.get(first.name)?.url).toBe((await addressOf(second)).url);
    await restore(second);
    await restored(second);
    expect(evolution.webhooks.get(first.name)).toMatchObject(theirs);
  });
});

it('what an engine has forgotten is set again, and what it has not is left alone', async () => {
  const waha = createWahaSimulator({ token: APIKEY, restartMs: 20 });
  const { url: engineUrl } = await waha.start();
  const instance = await fixture.newInstance();
  const engineToken = fixture.keyring.encrypt(APIKEY, { purpose: 'engine-token', owner: instance.id });
  await fixture.prisma.instance.update({ where: { id: instance.id }, data: { engineKind: 'waha', engineUrl, engineToken } });
  waha.addInstance({ name: instance.name });
  await activated(instance);
  await done(instance);
  const { url } = await addressOf(instance);
  expect(waha.webhookOf(instance.name)).toBe(url);

  const session = waha.world.named(instance.name);
  const restarts = () => session.statuses.filter(({ status }) => status === 'STARTING').length;
  const before = { doneAt: (await wishOf(instance))?.doneAt, restarts: restarts() };
  await waitFor(async () => ((await wishOf(instance))?.doneAt ?? 0) > (before.doneAt ?? 0), { describe: 'another look' });
  expect(restarts()).toBe(before.restarts);

  session.config = { webhooks: [] };
  await waitFor(() => waha.webhookOf(instance.name) === url, { describe: 'the webhook to be set again' });
  await waha.stop();
});

it('an instance that moves to another engine is given back at the first, and told to the second', async () => {
  const other = await startScriptedEvolution(APIKEY);
  const instance = await newInstance();
  evolution.webhooks.set(instance.name, theirs);
  await activated(instance);
  await done(instance);
  await fixture.prisma.instance.update({ where: { id: instance.id }, data: { engineUrl: other.url } });
  await wish(instance);
  await waitFor(async () => {
    const rows = await fixture.prisma.engineWebhook.findMany({ where: { instanceId: instance.id } });
    return rows.length === 1 && rows[0]?.engineUrl === other.url && rows[0].doneAt !== null;
  });
  expect(evolution.webhooks.get(instance.name)).toMatchObject(theirs);
  expect(other.webhooks.get(instance.name)?.url).toBe((await addressOf(instance)).url);
  await other.stop();
});

describe('history that an activation asks for', () => {
  const asking = (importHistoryDays: number | undefined) => ({ settings: { ...settings, importHistoryDays } });
  const historyOf = ({ id }: TestInstance) => fixture.prisma.engineHistory.findUnique({ where: { instanceId: id } });
  const ask = async (instance: TestInstance, days: number | undefined) => {
    expect(await fixture.settled(await fixture.activate(instance, asking(days)))).toMatchObject({ state: 'succeeded' });
  };
  const asked = () => evolution.asked.filter((request) => request.includes('findMessages')).length;
  const finished = (instance: TestInstance, state: string) =>
    waitFor(async () => ((await historyOf(instance))?.finishedAt ? historyOf(instance) : undefined), {
      describe: `the import ending as ${state}`,
    });

  it('is read once the engine delivers to us, and anew for another integration', async () => {
    const instance = await newInstance();
    await ask(instance, 2);
    expect(await finished(instance, 'done')).toMatchObject({ state: 'done', days: 2, lastError: '' });
    const before = asked();
    expect(before).toBeGreaterThan(0);
    const row = await historyOf(instance);
    expect(row?.since.getTime()).toBe((row?.activatedAt.getTime() ?? 0) - 2 * 86_400_000);
    const { bridgeIntegrationId } = await fixture.prisma.chatwootIntegration.findUniqueOrThrow({
      where: { instanceId: instance.id },
    });
    expect(row?.bridgeIntegrationId).toBe(bridgeIntegrationId);
    await ask(instance, 2);
    await waitFor(async () => (await historyOf(instance))?.bridgeIntegrationId !== bridgeIntegrationId);
    expect(await finished(instance, 'done')).toMatchObject({ state: 'done', days: 2 });
    expect(asked()).toBeGreaterThan(before);
  });

  it('is told to be in vain where the engine cannot tell, and the activation succeeds', async () => {
    const instance = await fixture.newInstance();
    await ask(instance, 2);
    expect(await finished(instance, 'unsupported')).toMatchObject({ state: 'unsupported' });
  });

  it('ends when a later request asks for none, and goes with the integration', async () => {
    evolution.script.answer = 'down';
    const instance = await newInstance();
    await ask(instance, 2);
    expect(await historyOf(instance)).toMatchObject({ state: 'reading' });
    await ask(instance, undefined);
    expect(await finished(instance, 'stopped')).toMatchObject({ state: 'stopped' });
    await fixture.prisma.chatwootIntegration.delete({ where: { instanceId: instance.id } });
    expect(await historyOf(instance)).toBeNull();
  });
});
