import { once, setMaxListeners } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';

/**
 * What the wire does, from now on and for established connections too:
 * - `pass`: nothing out of the ordinary
 * - `refuse`: nobody listens; what was open is reset
 * - `reset`: a connection is accepted and reset at once; what was open is reset
 * - `blackhole`: everything is accepted and nothing arrives; what was held back goes on after `pass`
 * - `delay`: each chunk is `ms` late
 * - `throttle`: at most so many bytes a second, each way
 * - `cut`: a connection is reset once so many bytes of it have come back from the target
 * - `deafen`: nothing comes back any more on the connections on which the client has said this; what was held back goes on after `pass`
 */
export type Fault =
  | { mode: 'pass' | 'refuse' | 'reset' | 'blackhole' }
  | { mode: 'delay'; ms: number }
  | { mode: 'throttle'; bytesPerSecond: number }
  | { mode: 'cut'; afterBytes: number }
  | { mode: 'deafen'; whoSaid: RegExp };

export interface FaultProxy {
  readonly host: '127.0.0.1';
  readonly port: number;
  set(fault: Fault): Promise<void>;
  /** Resets every open connection, and changes nothing else. */
  dropConnections(): void;
  /** How many connections were accepted so far. */
  accepted(): number;
  stop(): Promise<void>;
}

const THROTTLE_SLICE_MS = 50;
/** So much of what a client says first is kept, to know it by. */
const KEPT_CHARACTERS = 4_000;

/** A TCP proxy on 127.0.0.1 in front of `target`, that can be told to fail like a network does. */
export async function createFaultProxy({ target }: { target: { host?: string; port: number } }): Promise<FaultProxy> {
  let fault: Fault = { mode: 'pass' };
  let changed = createChange();
  let count = 0;
  const open = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true, noDelay: true }, accept);

  function accept(client: Socket): void {
    count += 1;
    if (fault.mode === 'reset' || fault.mode === 'refuse') {
      client.on('error', () => {});
      client.resetAndDestroy();
      return;
    }
    const upstream = dial({ host: target.host ?? '127.0.0.1', port: target.port, allowHalfOpen: true, noDelay: true });
    const ends = [client, upstream] as const;
    const reset = () => {
      for (const end of ends) end.resetAndDestroy();
    };
    for (const end of ends) {
      open.add(end);
      end.on('error', reset);
      end.on('close', () => open.delete(end));
    }
    const progress = { returned: 0, said: '' };
    const listen = (chunk: Buffer) => {
      if (progress.said.length < KEPT_CHARACTERS) progress.said += chunk.toString('latin1');
    };
    const isDeaf = () => fault.mode === 'deafen' && fault.whoSaid.test(progress.said);
    const there = forward(client, upstream, { held: () => false, delivered: listen });
    const back = forward(upstream, client, { held: isDeaf, delivered: countReturned(progress, reset) });
    Promise.all([there, back]).catch(reset);
  }

  function countReturned(progress: { returned: number }, reset: () => void): (chunk: Buffer) => void {
    return (chunk) => {
      progress.returned += chunk.length;
      if (fault.mode === 'cut' && progress.returned >= fault.afterBytes) reset();
    };
  }

  async function forward(
    from: Socket,
    to: Socket,
    { held, delivered }: { held: () => boolean; delivered: (chunk: Buffer) => void },
  ): Promise<void> {
    // The default would close both ways of a connection as soon as one has ended.
    for await (const chunk of from.iterator({ destroyOnReturn: false })) {
      for (const piece of await whenDue(chunk, held)) {
        if (to.destroyed) return;
        if (!to.write(piece)) await Promise.race([once(to, 'drain'), once(to, 'close')]);
        delivered(piece);
        if (fault.mode === 'throttle') await delay(THROTTLE_SLICE_MS);
      }
    }
    to.end();
  }

  /** Waits as the fault of the moment demands, then cuts the chunk as it demands. */
  async function whenDue(chunk: Buffer, held: () => boolean): Promise<Buffer[]> {
    if (fault.mode === 'delay') await delay(fault.ms);
    while (fault.mode === 'blackhole' || held()) await once(changed.signal, 'abort');
    if (fault.mode === 'cut') return slices(chunk, 1);
    if (fault.mode === 'throttle')
      return slices(chunk, Math.max(1, Math.floor((fault.bytesPerSecond * THROTTLE_SLICE_MS) / 1_000)));
    return [chunk];
  }

  function dropConnections(): void {
    for (const socket of open) socket.resetAndDestroy();
  }

  async function set(next: Fault): Promise<void> {
    fault = next;
    changed.abort();
    changed = createChange();
    if (next.mode === 'refuse' || next.mode === 'reset') dropConnections();
    if (next.mode === 'refuse' && server.listening) await close(server);
    else if (next.mode !== 'refuse' && !server.listening) await listen(server, port);
  }

  const port = await listen(server, 0);
  return {
    host: '127.0.0.1',
    port,
    set,
    dropConnections,
    accepted: () => count,
    stop: async () => {
      await set({ mode: 'refuse' });
    },
  };
}

/** Every connection that is held back listens to the same one. */
function createChange(): AbortController {
  const change = new AbortController();
  setMaxListeners(0, change.signal);
  return change;
}

async function listen(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return address.port;
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  await closed;
}

function slices(chunk: Buffer, size: number): Buffer[] {
  const count = Math.ceil(chunk.length / size);
  return Array.from({ length: count }, (_, index) => chunk.subarray(index * size, (index + 1) * size));
}
