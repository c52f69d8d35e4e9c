import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import type pg from 'pg';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createCompletionWaiter } from '../../api/activation/completion-waiter.ts';
import { ACTIVATION_SETTLED_CHANNEL } from '../../shared/activations/settled-channel.ts';
import { createListener } from '../../shared/database/listener.ts';
import { waitFor } from '../support/wait-for.ts';

/** A message of PostgreSQL's protocol. */
function protocol(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 0, 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
const READY = protocol('Z', Buffer.from('I'));
const HELLO = Buffer.concat([protocol('R', Buffer.alloc(4)), READY]);
const DONE = Buffer.concat([protocol('C', Buffer.from('LISTEN\0')), READY]);

/** Of a PostgreSQL as much as LISTEN needs. What it was asked, and its connections. */
let server: Server;
let url: string;
let heard: string[] = [];
const connections = new Set<Socket>();
const notify = (channel: string, payload: string): void => {
  const body = Buffer.concat([Buffer.alloc(4), Buffer.from(`${channel}\0${payload}\0`)]);
  for (const connection of connections) connection.write(protocol('A', body));
};

beforeEach(async () => {
  heard = [];
  // The polls never come: what is told here is told by notification.
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  server = createServer((connection) => {
    let greeted = false;
    connections.add(connection);
    connection.on('error', () => {});
    connection.on('close', () => connections.delete(connection));
    connection.on('data', (data) => {
      const text = data.toString('latin1');
      if (!greeted) {
        greeted = true;
        connection.write(HELLO);
      } else if (text.startsWith('Q')) {
        heard.push(text.slice(5, -1));
        connection.write(DONE);
      }
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  url = `postgres://user@127.0.0.1:${(server.address() as AddressInfo).port}/db`;
});
afterEach(() => {
  vi.useRealTimers();
  for (const connection of connections) connection.destroy();
  server.close();
});

/** A waiter whose deadlines are far away; what it has looked for, and the rows there are. */
function createWaiter() {
  const looks: string[][] = [];
  const settled = new Set<string>();
  const pool = {
    async query({ values: [ids] }: { values: [string[]] }) {
      looks.push(ids);
      const rows = ids.filter((id) => settled.has(id));
      return {
        rows: rows.map((id) => ({
          id,
          state: 'succeeded',
          bridgeIntegrationId: id,
          previousInbox: null,
          oldRelease: null,
          error: null,
        })),
      };
    },
  };
  const logger = pino({ level: 'silent' });
  const listener = createListener({ databaseUrl: url, logger });
  // All of a pool that it uses.
  const waiter = createCompletionWaiter({ pool: pool as unknown as pg.Pool, listener, logger });
  // It comes behind the waiter, which looks once the connection stands.
  const connected = new Promise<void>((resolve) => {
    listener.subscribe('connected', { onConnected: resolve, onNotification: () => {} });
  });
  const wait = (id: string) => waiter.wait(id, new Date(Date.now() + 60_000), new AbortController().signal);
  return { listener, connected, wait, looks, settled };
}

it('a notification has the waiter look for that activation, and only if somebody waits for it', async () => {
  const { listener, connected, wait, looks, settled } = createWaiter();
  listener.start();
  await connected;
  const answer = wait('act_a');
  void wait('act_b');
  notify(ACTIVATION_SETTLED_CHANNEL, 'act_foreign');
  settled.add('act_a');
  notify(ACTIVATION_SETTLED_CHANNEL, 'act_a');
  expect((await answer).kind).toBe('settled');
  expect(looks.filter((ids) => ids.length === 1)).toEqual([['act_a']]);
  expect(looks.flat()).not.toContain('act_foreign');
  await listener.stop();
});

it('a notification that says what the row says is all that is needed: nobody looks', async () => {
  const { listener, connected, wait, looks } = createWaiter();
  listener.start();
  await connected;
  const answer = wait('act_a');
  const row = {
    id: 'act_a',
    state: 'succeeded',
    bridgeIntegrationId: 'b-1',
    previousInbox: null,
    oldRelease: '2.1.0',
    error: null,
  };
  notify(ACTIVATION_SETTLED_CHANNEL, JSON.stringify({ ...row, id: 'act_foreign' }));
  notify(ACTIVATION_SETTLED_CHANNEL, JSON.stringify(row));
  const outcome = { state: 'succeeded', bridgeIntegrationId: 'b-1', previousInbox: undefined, oldRelease: '2.1.0' };
  expect(await answer).toEqual({ kind: 'settled', outcome });
  expect(looks.flat()).toEqual([]);
  await listener.stop();
});

it('whoever waits is looked for as soon as the connection stands, as after each loss of it', async () => {
  const { listener, wait, settled } = createWaiter();
  settled.add('act_a');
  const first = wait('act_a');
  listener.start();
  expect((await first).kind).toBe('settled');
  const second = wait('act_b');
  settled.add('act_b');
  for (const connection of connections) connection.destroy();
  expect((await second).kind).toBe('settled');
  expect(heard).toHaveLength(2);
  await listener.stop();
});

it('a listener that is stopped hangs up', async () => {
  const { listener, connected } = createWaiter();
  listener.start();
  await connected;
  await listener.stop();
  await waitFor(() => connections.size === 0);
});
