import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RunningIntegration } from '../../bridge/integrations/running.ts';
import type { StreamEvent } from '../../bridge/stream/stream-client.ts';
import { type BridgeFixture, type BridgeUnderTest, createBridgeFixture } from '../support/bridge-fixture.ts';
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

describe.concurrent('the event stream of an integration', () => {
  let fixture: BridgeFixture;
  let bridge: BridgeUnderTest;
  const events: { integration: RunningIntegration; event: StreamEvent }[] = [];
  beforeAll(async () => {
    fixture = await createBridgeFixture();
    bridge = await fixture.startBridge({ onEvent: (integration, event) => events.push({ integration, event }) });
  });
  afterAll(() => fixture?.stop());
  afterEach(() => {
    fixture.api.latest = 0;
  });

  const stream = (name: string) => waitFor(() => fixture.api.open(`ins_${name}`)[0], { describe: `the stream of ${name}` });
  const eventsOf = (name: string) => events.filter(({ integration }) => integration.row().instanceId === `ins_${name}`);

  it.sequential('is opened with BRIDGE_TOKEN and begins after the last event before the activation', async () => {
    fixture.api.latest = 17;
    await activate(bridge, 'begin');
    const opened = await stream('begin');
    expect(opened.after).toBe(17n);
    expect(opened.authorization).toMatch(/^Bearer [0-9a-f]{48}$/);
  });

  it.sequential('hands events on in order, and acknowledges nothing by itself', async () => {
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

  it.sequential('comes back by itself, where it is to go on, after the api was restarted', async () => {
    fixture.api.latest = 5;
    await activate(bridge, 'restart');
    await stream('restart');
    await fixture.api.stop();
    fixture.api.latest = 8;
    await fixture.api.start();
    expect((await stream('restart')).after).toBe(5n);
  });

  it.sequential('is opened anew after a frame that is none', async () => {
    await activate(bridge, 'garbage');
    const opened = await stream('garbage');
    opened.send('{"type":"event","sequence":"one"}');
    await waitFor(() => !opened.isOpen());
    await stream('garbage');
    expect(eventsOf('garbage')).toEqual([]);
  });

  it.sequential('is closed when the bridge stops, which gives its integrations back, and the next bridge takes them at once', async () => {
    const { body } = await activate(bridge, 'handover');
    await stream('handover');
    const other = await fixture.startBridge();
    const ownerOf = async () =>
      (await fixture.database.prisma.bridgeIntegration.findUnique({ where: { id: body.id ?? '' } }))?.leaseOwner;
    const before = await ownerOf();
    const stoppedAt = Date.now();
    await bridge.stop();
    await waitFor(async () => ![before, null, undefined].includes(await ownerOf()), { describe: 'the other bridge taking over' });
    expect(Date.now() - stoppedAt).toBeLessThan(2_500); // without waiting for the lease to run out
    await stream('handover');
    await other.stop();
  });
});

describe.concurrent('several bridges', () => {
  it.concurrent('share the integrations, and one takes over what another had when it was killed', async () => {
    const fixture = await createBridgeFixture();
    const names = Array.from({ length: 6 }, (_, n) => `shared-${n}`);
    try {
      const [first, second] = await Promise.all([fixture.startBridgeProcess(), fixture.startBridgeProcess()]);
      for (const [n, name] of names.entries()) {
        await activate(n % 2 === 0 ? first : second, name);
      }
      const oneStreamEach = () => names.every((name) => fixture.api.open(`ins_${name}`).length === 1);
      await waitFor(oneStreamEach, { describe: 'one stream for each integration' });
      const rows = await fixture.database.prisma.bridgeIntegration.findMany({ select: { leaseOwner: true } });
      const owners = new Set(rows.map(({ leaseOwner }) => leaseOwner?.split(':')[1]));
      // The one that has more of them is the one whose death is noticed.
      const [victim, survivor] = owners.has(String(first.process.pid)) ? [first, second] : [second, first];
      await victim.process.kill9();
      await waitFor(
        async () => {
          const now = await fixture.database.prisma.bridgeIntegration.findMany({ select: { leaseOwner: true } });
          return now.every(({ leaseOwner }) => leaseOwner?.split(':')[1] === String(survivor.process.pid)) && oneStreamEach();
        },
        { timeoutMs: 14_000, describe: 'the survivor running all integrations' },
      );
    } finally {
      await fixture.stop();
    }
  });

  it.concurrent('never run one integration twice: a bridge that was paused stops what another has taken over', async ({
    expect,
  }) => {
    const fixture = await createBridgeFixture();
    try {
      const paused = await fixture.startBridgeProcess();
      await activate(paused, 'paused');
      const stale = await waitFor(() => fixture.api.open('ins_paused')[0]);
      paused.process.signal('SIGSTOP');
      const longAgo = new Date(Date.now() - 1_000);
      await fixture.database.prisma.bridgeIntegration.updateMany({ data: { leaseUntil: longAgo } });
      const other = await fixture.startBridge();
      await waitFor(() => fixture.api.open('ins_paused').length === 2, { describe: 'the other bridge taking over' });
      paused.process.signal('SIGCONT');
      await waitFor(() => !stale.isOpen(), { describe: 'the paused bridge giving up' });
      expect(fixture.api.open('ins_paused')).toHaveLength(1);
      const row = await fixture.database.prisma.bridgeIntegration.findFirst();
      expect(row?.leaseEpoch).toBe(2);
      await other.stop();
    } finally {
      await fixture.stop();
    }
  });

  it.concurrent('stop what they run before their leases can be taken, when their database goes silent, and go on afterwards', async () => {
    const fixture = await createBridgeFixture();
    const database = new URL(fixture.databaseUrl);
    const proxy = await createFaultProxy({ target: { host: database.hostname, port: Number(database.port) } });
    try {
      database.host = `${proxy.host}:${proxy.port}`;
      const bridge = await fixture.startBridge({ env: { BRIDGE_DATABASE_URL: database.href } });
      await activate(bridge, 'silent-database');
      const streams = () => fixture.api.open('ins_silent-database').length;
      await waitFor(() => streams() === 1);
      await proxy.set({ mode: 'blackhole' });
      await waitFor(() => streams() === 0, { timeoutMs: 9_500, describe: 'the stream being closed' });
      await proxy.set({ mode: 'pass' });
      proxy.dropConnections();
      await waitFor(() => streams() === 1, { describe: 'the stream being open again' });
    } finally {
      await proxy.set({ mode: 'pass' });
      await fixture.stop();
      await proxy.stop();
    }
  });
});
