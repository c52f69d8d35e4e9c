import { setMaxListeners } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CHATWOOT_SOCKETS_PER_HOST } from '../../bridge/chatwoot/limits.ts';
import { createChatwootTransport } from '../../bridge/chatwoot/transport.ts';
import { createGuardedAgents } from '../../shared/http/guarded-agents.ts';
import { waitFor } from '../support/wait-for.ts';

describe('a Chatwoot that accepts and never answers', () => {
  const agents = createGuardedAgents(true, 'CHATWOOT_ALLOW_PRIVATE_NETWORK', { socketsPerHost: CHATWOOT_SOCKETS_PER_HOST });
  const transport = createChatwootTransport({ agents });
  const silent = createServer(() => {});
  const well = createServer((_request, response) => response.setHeader('content-type', 'application/json').end('{}'));
  const listen = (server: Server) => new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  // The address of a TCP server is an object; only pipes have text.
  const urlOf = (server: Server) => `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  let sockets = 0;
  let most = 0;

  beforeAll(async () => {
    silent.on('connection', (socket) => {
      sockets += 1;
      most = Math.max(most, sockets);
      socket.on('close', () => {
        sockets -= 1;
      });
    });
    await Promise.all([listen(silent), listen(well)]);
  });
  afterAll(async () => {
    agents.stop();
    for (const server of [silent, well]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });

  it.each([true, false])('has at most a hundred sockets, and takes none of anybody else’s (fresh: %s)', async (fresh) => {
    most = 0;
    const controller = new AbortController();
    setMaxListeners(0, controller.signal);
    const limits = { token: 't', responseTimeoutMs: 60_000, timeoutMs: 60_000, maxResponseBytes: 1_000, fresh } as const;
    const crowd = Array.from({ length: 2 * CHATWOOT_SOCKETS_PER_HOST }, () =>
      transport.request({ ...limits, method: 'POST', url: urlOf(silent), json: {}, signal: controller.signal }),
    );
    await waitFor(() => sockets === CHATWOOT_SOCKETS_PER_HOST, { describe: 'as many sockets as there may be' });
    expect(await transport.request({ ...limits, method: 'GET', url: urlOf(well) })).toMatchObject({
      kind: 'response',
      status: 200,
    });
    controller.abort();
    const results = await Promise.all(crowd);
    expect(results.every((result) => result.kind === 'failed' && result.code === 'aborted')).toBe(true);
    expect(most).toBe(CHATWOOT_SOCKETS_PER_HOST);
    await waitFor(() => sockets === 0, { describe: 'every socket being closed' });
  });
});
