import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { listenFault } from './listen-fault.ts';

export interface HttpServer {
  readonly server: Server;
  /** Resolves with the port. Throws PonteError `port_in_use`, or `config_invalid` for a port or an address it cannot have. */
  start(): Promise<number>;
  /** Stops accepting, lets running requests finish for `graceMs`, then cuts the rest. */
  stop(graceMs: number): Promise<void>;
}

/** node:http with a start that says what is wrong and a stop that ends. `variable` names the setting of the port, for the error. */
export function createHttpServer(options: {
  handler: RequestListener;
  /** Undefined: all addresses of the machine. */
  host: string | undefined;
  port: number;
  variable: string;
}): HttpServer {
  const server = createServer(
    {
      keepAliveTimeout: 65_000,
      headersTimeout: 10_000,
      requestTimeout: 30_000,
      // Node looks every 30 s otherwise: whoever drips a body would have twice the time.
      connectionsCheckingInterval: 5_000,
    },
    options.handler,
  );

  return {
    server,
    start: () =>
      new Promise((resolve, reject) => {
        server.once('error', (error) => reject(listenFault(error, options)));
        server.listen({ port: options.port, host: options.host }, () => resolve((server.address() as AddressInfo).port));
      }),
    stop: (graceMs) =>
      new Promise((resolve) => {
        const cut = setTimeout(() => server.closeAllConnections(), graceMs);
        server.close(() => {
          clearTimeout(cut);
          resolve();
        });
        server.closeIdleConnections();
      }),
  };
}
