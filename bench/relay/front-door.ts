import { once } from 'node:events';
import { createServer, connect as dial, type Socket } from 'node:net';

/** What stands in front of several bridges, as a load balancer does: one address for whoever calls them, on 127.0.0.1. */
export interface FrontDoor {
  readonly url: string;
  /** From now on connections go to these ports by turns; those that lead anywhere else are cut. */
  leadTo(ports: readonly number[]): void;
  stop(): Promise<void>;
}

export async function createFrontDoor(): Promise<FrontDoor> {
  const open = new Map<Socket, number>();
  let ports: readonly number[] = [];
  let turn = 0;
  // Both ends decide for themselves when they have said everything.
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    turn += 1;
    const port = ports[turn % ports.length];
    if (port === undefined) client.resetAndDestroy();
    else join(client, port);
  });

  function join(client: Socket, port: number): void {
    const bridge = dial({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true });
    for (const [socket, other] of [
      [client, bridge],
      [bridge, client],
    ] as const) {
      open.set(socket, port);
      socket.on('error', () => other.resetAndDestroy());
      socket.on('close', () => {
        open.delete(socket);
        other.destroySoon();
      });
      socket.pipe(other);
    }
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the front door has no port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    leadTo(next) {
      ports = next;
      for (const [socket, port] of open) if (!next.includes(port)) socket.resetAndDestroy();
    },
    async stop() {
      server.close();
      for (const socket of open.keys()) socket.destroy();
      await once(server, 'close');
    },
  };
}
