import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunningIntegration } from '../../bridge/integrations/running.ts';
import type { StreamEvent } from '../../bridge/stream/stream-client.ts';
import { type BridgeRig, type BridgeUnderTest, createBridgeRig } from '../support/bridge-rig.ts';
import { createFaultProxy } from '../support/fault-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

/** As a worker does it: tried again while a busy machine keeps the database from answering in time. */
const activate = (bridge: BridgeUnderTest, name: string) =>
  waitFor(
    async () => {
      const answer = await bridge.activate(`act_${name}`, { instance: name, inbox_name: name });
      return answer.status === 201 ? answer : undefined;
    },
    { describe: `the activation of ${name}` },
  );

describe('the event stream of an integration', () => {
  let rig: BridgeRig;
  let bridge: BridgeUnderTest;
  const events: { integration: RunningIntegration; event: StreamEvent }[] = [];
  beforeAll(async () => {
    rig = await createBridgeRig();
    bridge = await rig.startBridge({ onEvent: (integration, event) => events.push({ integration, event }) });
  });
  afterAll(() => rig?.stop());
  afterEach(() => {
    rig.api.latest = 0;
  });

  const stream = (name: string) => waitFor(() => rig.api.open(`ins_${name}`)[0], { describe: `the stream of ${name}` });
  const eventsOf = (name: string) => events.filter(({ integration }) => integration.row().instanceId === `ins_${name}`);

  it('is opened with BRIDGE_TOKEN and begins after the last event before the activation', async () => {
    rig.api.latest = 17;
    await activate(bridge, 'begin');
    const opened = await stream('begin');
    expect(opened.after).toBe(17n);
    expect(opened.authorization).toMatch(/^Bearer [0-9a-f]{48}$/);
  });

  it('hands events on in order, and acknowledges nothing by itself', async () => {
    await activate(bridge, 'events');
    const opened = await stream('events');
    for (const sequence of [1, 2, 3]) opened.send({ type: 'event', sequence, event: { event: 'message.exchange', n: sequence } });
    await waitFor(() => eventsOf('events').length === 3);
    expect(eventsOf('events').map(({ event }) => event.sequence)).toEqual([1, 2, 3]);
    expect(opened.received).toEqual([]);

    eventsOf('events')[1]?.integration.ack(2);
    await waitFor(() => opened.received.length === 1);
    expect(opened.received).toEqual([{ type: 'ack', sequence: 2 }]);
  });

  it('comes back by itself, where it is to go on, after the api was restarted', async () => {
    const { body } = await activate(bridge, 'restart');
    await stream('restart');
    await rig.database.prisma.bridgeIntegration.update({ where: { id: body.id ?? '' }, data: { eventCursor: 5n } });
    await rig.api.stop();
    await rig.api.start();
    expect((await stream('restart')).after).toBe(5n);
  });

  it('is opened anew after a frame that is none', async () => {
    await activate(bridge, 'garbage');
    const opened = await stream('garbage');
    opened.send('{"type":"event","sequence":"one"}');
    await waitFor(() => !opened.isOpen());
    await stream('garbage');
    expect(eventsOf('garbage')).toEqual([]);
  });

  it('is closed when the bridge stops, which gives its integrations back, and the next bridge takes them at once', async () => {
    const { body } = await activate(bridge, 'handover');
    await stream('handover');
    const other = await rig.startBridge();
    const ownerOf = async () =>
      (await rig.database.prisma.bridgeIntegration.findUnique({ where: { id: body.id ?? '' } }))?.leaseOwner;
    const before = await ownerOf();
    const stoppedAt = Date.now();
    await bridge.stop();
    await waitFor(async () => ![before, null, undefined].includes(await ownerOf()), { describe: 'the other bridge taking over' });
    expect(Date.now() - stoppedAt).toBeLessThan(2_500); // without waiting for the lease to run out
    await stream('handover');
    await other.stop();
  });
});

describe('several bridges', () => {
  it.concurrent('share the integrations, and one takes over what another had when it was killed', async () => {
    const rig = await createBridgeRig();
    const names = Array.from({ length: 6 }, (_, n) => `shared-${n}`);
    try {
      const [first, second] = await Promise.all([rig.startBridgeProcess(), rig.startBridgeProcess()]);
      for (const [n, name] of names.entries()) {
        await activate(n % 2 === 0 ? first : second, name);
      }
      const oneStreamEach = () => names.every((name) => rig.api.open(`ins_${name}`).length === 1);
      await waitFor(oneStreamEach, { describe: 'one stream for each integration' });
      const rows = await rig.database.prisma.bridgeIntegration.findMany({ select: { leaseOwner: true } });
      const owners = new Set(rows.map(({ leaseOwner }) => leaseOwner?.split(':')[1]));
      // The one that has more of them is the one whose death is noticed.
      const [victim, survivor] = owners.has(String(first.process.pid)) ? [first, second] : [second, first];
      await victim.process.kill9();
      await waitFor(
        async () => {
          const now = await rig.database.prisma.bridgeIntegration.findMany({ select: { leaseOwner: true } });
          return now.every(({ leaseOwner }) => leaseOwner?.split(':')[1] === String(survivor.process.pid)) && oneStreamEach();
        },
        { timeoutMs: 14_000, describe: 'the survivor running all integrations' },
      );
    } finally {
      await rig.stop();
    }
  });

  it.concurrent('never run one integration twice: a bridge that was paused stops what another has taken over', async ({
    expect,
  }) => {
    const rig = await createBridgeRig();
    try {
      const paused = await rig.startBridgeProcess();
      await activate(paused, 'paused');
      const stale = await waitFor(() => rig.api.open('ins_paused')[0]);
      paused.process.signal('SIGSTOP');
      const longAgo = new Date(Date.now() - 1_000);
      await rig.database.prisma.bridgeIntegration.updateMany({ data: { leaseUntil: longAgo } });
      const other = await rig.startBridge();
      await waitFor(() => rig.api.open('ins_paused').length === 2, { describe: 'the other bridge taking over' });
      paused.process.signal('SIGCONT');
      await waitFor(() => !stale.isOpen(), { describe: 'the paused bridge giving up' });
      expect(rig.api.open('ins_paused')).toHaveLength(1);
      const row = await rig.database.prisma.bridgeIntegration.findFirst();
      expect(row?.leaseEpoch).toBe(2);
      await other.stop();
    } finally {
      await rig.stop();
    }
  });

  it.concurrent('stop what they run before their leases can be taken, when their database goes silent, and go on afterwards', async () => {
    const rig = await createBridgeRig();
    const database = new URL(rig.databaseUrl);
    const proxy = await createFaultProxy({ target: { host: database.hostname, port: Number(database.port) } });
    try {
      database.host = `${proxy.host}:${proxy.port}`;
      const bridge = await rig.startBridge({ env: { BRIDGE_DATABASE_URL: database.href } });
      await activate(bridge, 'silent-database');
      const streams = () => rig.api.open('ins_silent-database').length;
      await waitFor(() => streams() === 1);
      await proxy.set({ mode: 'blackhole' });
      await waitFor(() => streams() === 0, { timeoutMs: 9_500, describe: 'the stream being closed' });
      await proxy.set({ mode: 'pass' });
      proxy.dropConnections();
      await waitFor(() => streams() === 1, { timeoutMs: 15_000, describe: 'the stream being open again' });
    } finally {
      await proxy.set({ mode: 'pass' });
      await rig.stop();
      await proxy.stop();
    }
  });
});
