import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Listening {
  start(): Promise<{ url: string; port: number }>;
  stop(): Promise<void>;
  url(): string;
}

/** An HTTP server on 127.0.0.1; a later start takes the same port again. `handler` is asked for at the first start. */
export function createListening(port: number, handler: RequestListener): Listening {
  let taken = port;
  let running: Server | undefined;
  const url = () => `http://127.0.0.1:${taken}`;
  return {
    url,
    async start() {
      if (running) throw new Error('the simulator is already running');
      const server = createServer(handler);
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(taken, '127.0.0.1', resolve);
      });
      running = server;
      // A TCP server's address is an object; only pipes have text.
      taken = (server.address() as AddressInfo).port;
      return { url: url(), port: taken };
    },
    async stop() {
      const server = running;
      running = undefined;
      if (!server) return;
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    },
  };
}
