import type { Reply } from '../../contract/worker/scripted-bridge.ts';
import { type Expected, tried, WHOLE_DEADLINE } from './row.ts';

/** One line of the table for a bridge of another make: what it answers, and what the client of `set` is told. */
export interface BridgeRow {
  readonly title: string;
  readonly reply: Reply;
  readonly expected: (bridgeUrl: string) => Expected;
}

export const BRIDGE_TOKEN = 'a-bridge-token-for-tests';

/** The Chatwoot that is asked for; nobody calls it, the bridge only speaks of it. */
export const CHATWOOT = 'https://chat.example.com';
export const ACCOUNT = 5;
const INBOXES = `${CHATWOOT}/api/v1/accounts/${ACCOUNT}/inboxes`;

const UNREACHABLE = `Chatwoot is unreachable at ${CHATWOOT} — verify chatwootBaseUrl and that the host is reachable from the server`;
const TOKEN_REJECTED = 'Chatwoot rejected the API token — verify chatwootApiToken';
const NOT_FOUND = `Chatwoot account or endpoint not found — verify chatwootBaseUrl (${CHATWOOT}) and chatwootAccountId (${ACCOUNT})`;
const NO_TLS =
  'a trusted TLS connection could not be established (an expired or self-signed certificate, one of another host, or plain HTTP on that port)';

const says = (message: string, status = 502): Reply => ({ status, body: { success: false, error: { message } } });

const answered = (
  [status, body]: [number, string],
  told: { status: number; code: string; text: string; more?: Partial<Expected> },
  wrap: (raw: string) => Reply = says,
): BridgeRow => ({
  title: `speaks of a ${status} of Chatwoot: ${told.code}`,
  reply: wrap(`create inbox: ${INBOXES} HTTP ${status}: ${body}`),
  expected: () => ({
    status: told.status,
    code: told.code,
    message: `${told.text}. Detail: ${INBOXES} HTTP ${status}: ${body}`,
    ...told.more,
  }),
});

const unanswered = (
  reason: string,
  code: string,
  { text = UNREACHABLE, ...more }: Partial<Expected> & { text?: string } = {},
): BridgeRow => ({
  title: `speaks of the network: ${reason}`,
  reply: says(`create inbox: Post "${INBOXES}": ${reason}`),
  expected: () => ({ status: 502, code, message: `${text}. Detail: Post "${INBOXES}": ${reason}`, ...more }),
});

const INVALID_TOKEN = '{"error":"Invalid Access Token"}';
const tokenInvalid = { status: 401, code: 'chatwoot_token_invalid', text: TOKEN_REJECTED };

/** The raw texts of a bridge written in Go, or in anything else. */
const rawTexts: BridgeRow[] = [
  answered([401, INVALID_TOKEN], tokenInvalid),
  { ...answered([401, INVALID_TOKEN], tokenInvalid, (raw) => says(raw, 401)), title: 'passes Chatwoot’s 401 on as its own' },
  {
    ...answered([401, INVALID_TOKEN], tokenInvalid, (raw) => ({ status: 500, body: { error: raw } })),
    title: 'speaks of a 401 of Chatwoot in `error`, a text',
  },
  {
    ...answered([401, INVALID_TOKEN], tokenInvalid, (raw) => ({ status: 500, body: raw })),
    title: 'speaks of a 401 of Chatwoot without any JSON',
  },
  answered([401, '{"error":"You are not authorized to do this action"}'], {
    status: 403,
    code: 'chatwoot_not_admin',
    text: `Chatwoot denied the request — verify the API token has admin scope on account ${ACCOUNT}`,
  }),
  answered([403, '<html>Forbidden</html>'], {
    status: 403,
    code: 'chatwoot_denied',
    text: `Chatwoot denied the request — verify the API token has admin scope on account ${ACCOUNT}`,
  }),
  answered([404, '{"error":"Resource could not be found"}'], {
    status: 400,
    code: 'chatwoot_account_not_found',
    text: NOT_FOUND,
  }),
  answered([422, '{"message":"Name can\'t be blank","attributes":["name"]}'], {
    status: 400,
    code: 'chatwoot_invalid_request',
    text: 'Chatwoot rejected the request as invalid — change inboxName (1 to 255 characters; Chatwoot before 4.3 also wants it to begin and end with a letter or digit and to contain none of / \\ < > @)',
  }),
  answered([503, '<html>maintenance</html>'], {
    status: 502,
    code: 'chatwoot_failing',
    text: UNREACHABLE,
    more: {
      ...tried(4),
      message: `${UNREACHABLE}. Detail: ${INBOXES} HTTP 503: <html>maintenance</html> — Chatwoot itself (or the proxy in front of it) failed: try again, and look into its log if this persists`,
    },
  }),
  unanswered('dial tcp: lookup chat.example.com on 127.0.0.11:53: no such host', 'chatwoot_unknown_host'),
  unanswered('dial tcp 203.0.113.9:443: connect: connection refused', 'chatwoot_unreachable', tried(3)),
  unanswered('dial tcp 203.0.113.9:443: i/o timeout', 'chatwoot_unreachable', tried(3)),
  unanswered('context deadline exceeded (Client.Timeout exceeded while awaiting headers)', 'chatwoot_unreachable', tried(3)),
  unanswered('tls: failed to verify certificate: x509: certificate signed by unknown authority', 'chatwoot_tls_failed', {
    text: `${UNREACHABLE}; ${NO_TLS}`,
  }),
  {
    title: 'speaks of the network as Node does: ECONNREFUSED',
    reply: says('connect ECONNREFUSED 203.0.113.9:443'),
    expected: () => ({
      status: 502,
      code: 'chatwoot_unreachable',
      message: `${UNREACHABLE}. Detail: connect ECONNREFUSED 203.0.113.9:443`,
      ...tried(3),
    }),
  },
  {
    title: 'speaks of the network as Node does: ENOTFOUND',
    reply: says('getaddrinfo ENOTFOUND chat.example.com'),
    expected: () => ({
      status: 502,
      code: 'chatwoot_unknown_host',
      message: `${UNREACHABLE}. Detail: getaddrinfo ENOTFOUND chat.example.com`,
    }),
  },
];

const UNAUTHORIZED = 'The bridge refused BRIDGE_TOKEN — the operator has to set the same BRIDGE_TOKEN for api, worker and bridge';
const FAILED = 'The bridge failed — try again, and look into the bridge’s log if it stays';
const ownFailure = (title: string, reply: Reply, detail: string, more: Partial<Expected> = {}): BridgeRow => ({
  title,
  reply,
  expected: () => ({ status: 502, code: 'bridge_failing', message: `${FAILED}. Detail: ${detail}`, ...tried(4), ...more }),
});

/** The bridge's own failures, which must never be taken for Chatwoot's. */
const ownFailures: BridgeRow[] = [
  ...[401, 403].map(
    (status): BridgeRow => ({
      title: `refuses BRIDGE_TOKEN with ${status}`,
      reply: says('Invalid token', status),
      expected: () => ({
        status: 502,
        code: 'bridge_unauthorized',
        message: `${UNAUTHORIZED}. Detail: HTTP ${status}: Invalid token`,
      }),
    }),
  ),
  ownFailure('fails with 500', { status: 500, body: 'oh' }, 'HTTP 500: oh'),
  ownFailure(
    'answers half an object',
    { status: 200, body: '{"id":' },
    'HTTP 200 whose body is not what it should be (not a JSON object)',
  ),
  ownFailure(
    'answers a page',
    { status: 200, body: '<html></html>', headers: { 'content-type': 'text/html' } },
    'HTTP 200 whose body is not what it should be (not a JSON object)',
  ),
  ownFailure('answers without an id', { status: 200, body: { ok: true } }, 'HTTP 200 whose body is not what it should be (id)'),
  ownFailure(
    'answers two megabytes',
    { status: 200, body: { id: 'int_1', filler: 'x'.repeat(2_000_000) } },
    'HTTP 200 whose body is larger than 1 MiB',
  ),
  ownFailure(
    'limits our requests for longer than the client waits',
    { status: 429, body: 'slow down', headers: { 'retry-after': '30' } },
    'HTTP 429: slow down',
    { retryAfter: '30', tries: 1 },
  ),
  {
    title: 'redirects',
    reply: { status: 307, body: '', headers: { location: 'http://127.0.0.1:1/' } },
    expected: (bridgeUrl) => ({
      status: 502,
      code: 'bridge_wrong_address',
      message: `No bridge answers at ${bridgeUrl} — the operator has to verify BRIDGE_URL. Detail: HTTP 307 with a redirect to http://127.0.0.1:1/`,
    }),
  },
  {
    title: 'is another web server',
    reply: { status: 404, body: '<html>404</html>', headers: { 'content-type': 'text/html' } },
    expected: (bridgeUrl) => ({
      status: 502,
      code: 'bridge_wrong_address',
      message: `No bridge answers at ${bridgeUrl} — the operator has to verify BRIDGE_URL. Detail: HTTP 404: <html>404</html>`,
    }),
  },
  {
    title: 'does not understand the request',
    reply: says('invalid body: instance_id: is required', 400),
    expected: () => ({
      status: 502,
      code: 'bridge_refused',
      message:
        'The bridge refused the request — the operator has to see that api, worker and bridge are of the same version. Detail: HTTP 400: invalid body: instance_id: is required',
    }),
  },
  {
    title: 'cannot open the event stream',
    reply: {
      status: 502,
      body: { success: false, error: { code: 'bridge_stream_unavailable', message: 'The bridge cannot open the event stream' } },
    },
    expected: () => ({
      status: 502,
      code: 'bridge_stream_unavailable',
      message: 'The bridge cannot open the event stream',
      ...tried(3),
    }),
  },
  {
    title: 'works on another activation of the instance all the while',
    reply: says('busy', 409),
    expected: () => ({
      status: 503,
      code: 'bridge_busy',
      message: 'The bridge is still working on an earlier activation of this instance — try again in a few seconds',
      ...WHOLE_DEADLINE,
    }),
  },
  {
    title: 'cuts the connection',
    reply: (response) => void response.socket?.resetAndDestroy(),
    expected: (bridgeUrl) => ({
      status: 502,
      code: 'bridge_unreachable',
      message: `The bridge is unreachable at ${bridgeUrl} — the operator has to verify BRIDGE_URL and that the bridge is running. Detail: ECONNRESET: read ECONNRESET`,
      retryAfter: '10',
      ...WHOLE_DEADLINE,
    }),
  },
  {
    title: 'hangs',
    reply: () => {},
    expected: () => ({
      status: 502,
      code: 'bridge_timeout',
      message:
        /^The bridge gave no answer within \d+ s — try again, and look into the bridge’s log if it stays; anything it may have created will be cleaned up$/,
      ...WHOLE_DEADLINE,
    }),
  },
];

/** Those that take long come first. */
export const bridgeRows = (): readonly BridgeRow[] => [...ownFailures, ...rawTexts];

export const bridgeDown = (bridgeUrl: string): Expected => ({
  status: 502,
  code: 'bridge_unreachable',
  message: `The bridge is unreachable at ${bridgeUrl} — the operator has to verify BRIDGE_URL and that the bridge is running. Detail: ECONNREFUSED: connect ECONNREFUSED ${new URL(bridgeUrl).host}`,
  retryAfter: '10',
  ...WHOLE_DEADLINE,
});
