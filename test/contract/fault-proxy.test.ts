import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFaultProxy, type FaultProxy } from '../support/fault-proxy.ts';
import { waitFor } from '../support/wait-for.ts';

let server: Server;
let proxy: FaultProxy;
const sockets: Socket[] = [];

beforeEach(async () => {
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    sockets.push(socket);
    socket.pipe(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  proxy = await createFaultProxy({ target: { port: address.port } });
});

afterEach(async () => {
  await proxy.stop();
  for (const socket of sockets.splice(0)) socket.destroy();
  server.close();
});

function open(): Socket {
  const socket = dial({ host: proxy.host, port: proxy.port });
  socket.on('error', () => {});
  sockets.push(socket);
  return socket;
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
  });
}

async function echo(message: string): Promise<string> {
  const socket = open();
  socket.end(message);
  return text(socket);
}

it('passes bytes both ways, and the end of each way', async () => {
  expect(await echo('hello')).toBe('hello');
});

it('refuses: no connection is made, and an open one is reset', async () => {
  const socket = open();
  await once(socket, 'connect');
  const gone = closed(socket);
  await proxy.set({ mode: 'refuse' });
  await gone;

  await expect(echo('hello')).rejects.toMatchObject({ code: 'ECONNREFUSED' });

  await proxy.set({ mode: 'pass' });
  expect(await echo('again')).toBe('again');
});

it('resets: a connection is made and dropped', async () => {
  await proxy.set({ mode: 'reset' });

  await expect(echo('hello')).rejects.toMatchObject({ code: 'ECONNRESET' });
});

it('swallows: an open connection stays open and silent, and goes on afterwards', async () => {
  const socket = open();
  let received = '';
  socket.on('data', (chunk) => {
    received += String(chunk);
  });
  socket.write('one ');
  await waitFor(() => received === 'one ');
  await proxy.set({ mode: 'blackhole' });
  socket.write('two');
  const other = open();
  await once(other, 'connect');

  await expect(waitFor(() => received !== 'one ', { timeoutMs: 300 })).rejects.toThrow();

  expect(socket.closed).toBe(false);
  await proxy.set({ mode: 'pass' });
  await waitFor(() => received === 'one two');
});

it('delays, throttles, and cuts after so many bytes', async () => {
  await proxy.set({ mode: 'delay', ms: 150 });
  const before = Date.now();
  expect(await echo('late')).toBe('late');
  expect(Date.now() - before).toBeGreaterThanOrEqual(300);

  await proxy.set({ mode: 'throttle', bytesPerSecond: 2_000 });
  const start = Date.now();
  expect(await echo('x'.repeat(1_000))).toHaveLength(1_000);
  expect(Date.now() - start).toBeGreaterThanOrEqual(450);

  await proxy.set({ mode: 'cut', afterBytes: 3 });
  const socket = open();
  let received = '';
  socket.on('data', (chunk) => {
    received += String(chunk);
  });
  socket.write('abcdef');
  await closed(socket);
  expect('abc'.startsWith(received)).toBe(true);
});

it('deafens: those who said something are told nothing any more, the others go on, and nothing is lost', async () => {
  const socket = open();
  let received = '';
  socket.on('data', (chunk) => {
    received += String(chunk);
  });
  socket.write('listen ');
  await waitFor(() => received === 'listen ');
  await proxy.set({ mode: 'deafen', whoSaid: /listen/ });
  socket.write('closely');
  expect(await echo('I never did')).toBe('I never did');

  await expect(waitFor(() => received !== 'listen ', { timeoutMs: 300 })).rejects.toThrow();

  expect(socket.closed).toBe(false);
  await proxy.set({ mode: 'pass' });
  await waitFor(() => received === 'listen closely');
});
