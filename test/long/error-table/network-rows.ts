import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Server } from 'node:net';
import { freePort } from '../../support/ports.ts';
import { selfSigned } from '../../support/self-signed.ts';
import { ACTIVATED, type Arranged, type Expected, type Row, type RowWorld, tried, WHOLE_DEADLINE } from './row.ts';

const unreachable = (base: string): string =>
  `Chatwoot is unreachable at ${base} — verify chatwootBaseUrl and that the host is reachable from the server`;
const NO_TLS =
  'a trusted TLS connection could not be established (an expired or self-signed certificate, one of another host, or plain HTTP on that port)';

/** An activation at `base`, of which the client is told this text and, as its detail, what the network said to one of its requests. */
const elsewhere = (
  { account }: RowWorld,
  base: string,
  { code, text = unreachable(base), reason, ...more }: { code: string; text?: string; reason: RegExp } & Partial<Expected>,
): Arranged => {
  const before = literally(`${text}. Detail: `);
  const message = new RegExp(
    `^${before}(Post|Get) "${literally(`${base}/api/v1/accounts/${account}/inboxes`)}": ${reason.source}$`,
  );
  return { body: { chatwootBaseUrl: base }, expected: { status: 502, code, message, ...more } };
};

const literally = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

/** Failures of the way to Chatwoot. `servers` takes what has to be closed at the end. */
export function networkRows(servers: Server[]): readonly Row[] {
  async function listen(server: Server): Promise<number> {
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // The address of a TCP server is an object; only pipes have text.
    return (server.address() as AddressInfo).port;
  }

  return [
    {
      title: 'a host that accepts and stays silent',
      async arrange(world) {
        const base = `http://127.0.0.1:${await listen(createTcpServer(() => {}))}`;
        const reason = /no answer within \d+ ms \(timeout\)/;
        return elsewhere(world, base, { code: 'chatwoot_unreachable', reason, ...WHOLE_DEADLINE });
      },
    },
    {
      title: 'nobody listens',
      async arrange(world) {
        const base = `http://127.0.0.1:${await freePort()}`;
        const reason = /connect ECONNREFUSED 127\.0\.0\.1:\d+/;
        return elsewhere(world, base, { code: 'chatwoot_unreachable', reason, ...tried(3) });
      },
    },
    {
      title: 'a host that does not exist',
      arrange(world) {
        // No name may have a part as long as this, so no name server is asked.
        const base = `https://${'x'.repeat(64)}.example`;
        return elsewhere(world, base, { code: 'chatwoot_unknown_host', reason: /getaddrinfo ENOTFOUND x{64}\.example/ });
      },
    },
    {
      title: 'a certificate that nobody vouches for',
      async arrange(world) {
        const base = `https://127.0.0.1:${await listen(createTlsServer(selfSigned, (_request, response) => response.end('{}')))}`;
        const reason = /self-signed certificate \(DEPTH_ZERO_SELF_SIGNED_CERT\)/;
        return elsewhere(world, base, { code: 'chatwoot_tls_failed', text: `${unreachable(base)}; ${NO_TLS}`, reason });
      },
    },
    {
      title: 'a port that speaks no TLS',
      async arrange(world) {
        const base = `https://127.0.0.1:${new URL(world.inboxesUrl).port}`;
        const reason = /.*(EPROTO|ERR_SSL_\w+).*/;
        return elsewhere(world, base, { code: 'chatwoot_tls_failed', text: `${unreachable(base)}; ${NO_TLS}`, reason });
      },
    },
    {
      title: 'a private address that the operator has not allowed',
      arrange: () => ({
        body: { chatwootBaseUrl: 'http://10.255.255.1' },
        expected: {
          status: 400,
          code: 'chatwoot_address_forbidden',
          message:
            'chatwootBaseUrl (http://10.255.255.1) leads to a private address, which this server does not call — use the public address, or have the operator set CHATWOOT_ALLOW_PRIVATE_NETWORK',
        },
      }),
    },
    {
      title: 'a host that accepts and resets',
      async arrange(world) {
        const base = `http://127.0.0.1:${await listen(createTcpServer((socket) => socket.resetAndDestroy()))}`;
        return elsewhere(world, base, { code: 'chatwoot_unreachable', reason: RESET, ...tried(3) });
      },
    },
    {
      title: 'a connection that is reset before anything was done, again and again',
      arrange(world) {
        world.fault({ kind: 'reset' });
        const base = new URL(world.inboxesUrl).origin;
        return elsewhere(world, base, { code: 'chatwoot_unreachable', reason: RESET, ...tried(3) });
      },
    },
    {
      title: 'a connection that is reset after the inbox was made, once',
      arrange(world) {
        world.fault({ kind: 'resetAfterEffect' }, { times: 1, method: 'POST' });
        return { expected: ACTIVATED };
      },
    },
    {
      title: 'an answer that is cut short after the inbox was made, once',
      arrange(world) {
        world.fault({ kind: 'truncateBody' }, { times: 1, method: 'POST' });
        return { expected: ACTIVATED };
      },
    },
    {
      title: 'answers that are cut short, again and again',
      arrange(world) {
        world.fault({ kind: 'truncateBody' });
        const base = new URL(world.inboxesUrl).origin;
        return elsewhere(world, base, { code: 'chatwoot_unreachable', reason: RESET, ...tried(3) });
      },
    },
  ];
}

// Which of its words Node has for it depends on how far it had come.
const RESET = /.*ECONNRESET.*/;
