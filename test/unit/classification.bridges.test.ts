import { describe, expect, it } from 'vitest';
import type { BridgeFailure } from '../../shared/bridge-client/outcome.ts';
import type { ErrorCode } from '../../shared/errors/catalogue.ts';
import { classify, ofOther, url } from './classification.fixture.ts';

describe('the raw text of any other bridge is understood', () => {
  const rows: [title: string, text: string, code: ErrorCode, detail: string][] = [
    [
      'its documented 401',
      `${url} HTTP 401: {"error":"Invalid Access Token"}`,
      'chatwoot_token_invalid',
      `Detail: ${url} HTTP 401: {"error":"Invalid Access Token"}`,
    ],
    [
      'the same with words before it',
      `create inbox: ${url} HTTP 401: {"error":"Invalid Access Token"}`,
      'chatwoot_token_invalid',
      `Detail: ${url} HTTP 401: {"error":"Invalid Access Token"}`,
    ],
    [
      'the same inside {"error":…}',
      JSON.stringify({ error: `${url} HTTP 401: {"error":"You are not authorized to do this action"}` }),
      'chatwoot_not_admin',
      `Detail: ${url} HTTP 401: `,
    ],
    [
      'the same inside {"message":…}',
      JSON.stringify({ success: false, message: `${url} HTTP 404: {"error":"Resource could not be found"}` }),
      'chatwoot_account_not_found',
      'Detail: ',
    ],
    [
      'a URL that was shortened',
      '…/inboxes HTTP 401: {"error":"Invalid Access Token"}',
      'chatwoot_token_invalid',
      'Detail: …/inboxes HTTP 401',
    ],
    ['a validation', `${url} HTTP 422: {"message":"x","attributes":["name"]}`, 'chatwoot_invalid_request', 'inboxName'],
    [
      'a body that was cut off',
      `${url} HTTP 401: {"error":"Account is suspended","trace":"abc`,
      'chatwoot_account_suspended',
      'Detail: ',
    ],
    ['a 500', `${url} HTTP 500: {"status":500,"error":"Internal Server Error"}`, 'chatwoot_failing', 'Detail: '],
    [
      'a Go refusal',
      `Post "${url}": dial tcp 203.0.113.9:443: connect: connection refused`,
      'chatwoot_unreachable',
      `Detail: Post "${url}": dial tcp 203.0.113.9:443: connect: connection refused`,
    ],
    [
      'a Go lookup',
      `Post "${url}": dial tcp: lookup chat.example.com on 127.0.0.11:53: no such host`,
      'chatwoot_unknown_host',
      'no such host',
    ],
    [
      'a Go lookup that failed for now',
      `Post "${url}": dial tcp: lookup chat.example.com on 127.0.0.11:53: server misbehaving`,
      'chatwoot_unreachable',
      'server misbehaving',
    ],
    ['a Go i/o timeout', `Post "${url}": dial tcp 203.0.113.9:443: i/o timeout`, 'chatwoot_unreachable', 'i/o timeout'],
    [
      'a Go deadline',
      `Post "${url}": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
      'chatwoot_unreachable',
      'context deadline exceeded',
    ],
    [
      'a Go certificate',
      `Post "${url}": tls: failed to verify certificate: x509: certificate signed by unknown authority`,
      'chatwoot_tls_failed',
      'x509',
    ],
    ['a Go x509 of old', `Post "${url}": x509: certificate has expired or is not yet valid`, 'chatwoot_tls_failed', 'x509'],
    [
      'a Go handshake that was slow',
      `Post "${url}": net/http: TLS handshake timeout`,
      'chatwoot_unreachable',
      'TLS handshake timeout',
    ],
    [
      'plain HTTP to Go’s TLS',
      `Post "${url}": http: server gave HTTP response to HTTPS client`,
      'chatwoot_tls_failed',
      'HTTPS client',
    ],
    ['a Go EOF', `Post "${url}": EOF`, 'chatwoot_unreachable', 'EOF'],
    [
      'a Go reset',
      `Post "${url}": read tcp 10.0.0.2:5->203.0.113.9:443: read: connection reset by peer`,
      'chatwoot_unreachable',
      'reset',
    ],
    [
      'a Go host without route',
      `Post "${url}": dial tcp 203.0.113.9:443: connect: no route to host`,
      'chatwoot_unreachable',
      'no route',
    ],
    ['a bare Go error', 'dial tcp 203.0.113.9:443: connect: connection refused', 'chatwoot_unreachable', 'dial tcp'],
    ['Node ECONNREFUSED', 'connect ECONNREFUSED 203.0.113.9:443', 'chatwoot_unreachable', 'ECONNREFUSED'],
    ['Node ENOTFOUND', 'getaddrinfo ENOTFOUND chat.example.com', 'chatwoot_unknown_host', 'ENOTFOUND'],
    ['Node EAI_AGAIN', 'getaddrinfo EAI_AGAIN chat.example.com', 'chatwoot_unreachable', 'EAI_AGAIN'],
    ['Node ECONNRESET', 'read ECONNRESET', 'chatwoot_unreachable', 'ECONNRESET'],
    ['Node ETIMEDOUT', 'connect ETIMEDOUT 203.0.113.9:443', 'chatwoot_unreachable', 'ETIMEDOUT'],
    ['Node’s expired certificate', 'certificate has expired (CERT_HAS_EXPIRED)', 'chatwoot_tls_failed', 'expired'],
    [
      'Node’s wrong protocol',
      'write EPROTO 80:error:0A00010B:SSL routines::wrong version number',
      'chatwoot_tls_failed',
      'EPROTO',
    ],
    ['Node’s cut connection', 'socket hang up', 'chatwoot_unreachable', 'socket hang up'],
  ];
  it.each(rows)('%s', (_, text, code, detail) => {
    const error = classify(ofOther(text));
    expect(error.code).toBe(code);
    expect(error.message).toContain(detail);
  });

  it('is Chatwoot’s refusal even where that bridge hands the status on, if the text names Chatwoot’s own address', () => {
    const text = JSON.stringify({ error: `${url} HTTP 401: {"error":"Invalid Access Token"}` });
    expect(classify(ofOther(text, 401)).code).toBe('chatwoot_token_invalid');
    expect(classify(ofOther('HTTP 401: {"error":"Invalid Access Token"}', 401)).code).toBe('bridge_unauthorized');
  });

  it('is no error of Chatwoot when it names another host', () => {
    expect(
      classify(ofOther('Get "http://api:3000/ws/chatwoot/1": dial tcp 10.0.0.3:3000: connect: connection refused')).code,
    ).toBe('bridge_failing');
    expect(classify(ofOther('http://api:3000/ws HTTP 401: {"error":"Invalid Access Token"}')).code).toBe('bridge_failing');
  });
});

describe('a failure of the bridge itself is never taken for one of Chatwoot', () => {
  const own = (status: number, code: string, message = 'its message'): BridgeFailure => ({
    kind: 'http',
    status,
    error: { message, code },
    text: '',
    retryAfterSeconds: undefined,
  });
  const rows: [title: string, failure: BridgeFailure, code: ErrorCode, text: string][] = [
    [
      'it refuses BRIDGE_TOKEN',
      ofOther('{"success":false,"error":{"message":"Invalid token"}}', 401),
      'bridge_unauthorized',
      'BRIDGE_TOKEN',
    ],
    [
      'it refuses BRIDGE_TOKEN with our code',
      own(401, 'invalid_token', 'Invalid token'),
      'bridge_unauthorized',
      'HTTP 401: Invalid token',
    ],
    ['it forbids', ofOther('forbidden', 403), 'bridge_unauthorized', 'BRIDGE_TOKEN'],
    [
      'it is not running',
      { kind: 'network', sent: false, code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:3001' },
      'bridge_unreachable',
      'unreachable at http://bridge:3001',
    ],
    [
      'its host is unknown',
      { kind: 'network', sent: false, code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND bridge' },
      'bridge_unreachable',
      'BRIDGE_URL',
    ],
    [
      'its connection broke',
      { kind: 'network', sent: 'maybe', code: 'ECONNRESET', message: 'read ECONNRESET' },
      'bridge_unreachable',
      'ECONNRESET',
    ],
    ['it does not answer', { kind: 'timeout', timeoutMs: 25_000 }, 'bridge_timeout', 'within 25 s'],
    ['we gave up', { kind: 'aborted' }, 'shutting_down', 'shutting down'],
    [
      'it redirects',
      { kind: 'protocol', status: 302, detail: 'HTTP 302 with a redirect to http://x/' },
      'bridge_wrong_address',
      'BRIDGE_URL',
    ],
    [
      'it answers no JSON',
      { kind: 'protocol', status: 200, detail: 'HTTP 200 whose body is none' },
      'bridge_failing',
      'whose body is none',
    ],
    ['it is something else', ofOther('<html>404</html>', 404), 'bridge_wrong_address', 'No bridge answers'],
    ['it does not know the method', ofOther('', 405), 'bridge_wrong_address', 'No bridge answers'],
    ['it is busy with this instance', own(409, 'bridge_busy', 'The bridge is still working'), 'bridge_busy', 'still working'],
    ['it conflicts without saying why', ofOther('', 409), 'bridge_busy', 'still working'],
    [
      'it cannot open the stream',
      own(502, 'bridge_stream_unavailable', 'The bridge cannot open the event stream'),
      'bridge_stream_unavailable',
      'event stream',
    ],
    [
      'it lacks a key',
      own(500, 'encryption_key_missing', 'a stored secret was encrypted with key "k1"'),
      'encryption_key_missing',
      'k1',
    ],
    [
      'it has lost its database',
      own(503, 'database_unavailable', 'the database is unavailable'),
      'database_unavailable',
      'the database is unavailable',
    ],
    ['it is being replaced', own(503, 'shutting_down', 'this server is shutting down'), 'shutting_down', 'shutting down'],
    ['it is too late for it', own(504, 'activation_expired', 'activation a was given up'), 'activation_expired', 'given up'],
    ['it fails and says how', own(502, 'bridge_failing', 'The bridge failed'), 'bridge_failing', 'The bridge failed'],
    ['it has this key for another request', own(409, 'idempotency_key_reused', 'already used'), 'bridge_refused', 'already used'],
    ['it is defective', own(500, 'internal', 'internal error'), 'bridge_failing', 'internal error'],
    ['it does not like the request', own(400, 'invalid_body', 'invalid body: x: required'), 'bridge_refused', 'same version'],
    ['it limits requests', ofOther('slow down', 429), 'bridge_failing', 'HTTP 429: slow down'],
    [
      'it guards against private addresses in its own name',
      own(400, 'chatwoot_address_forbidden', 'chatwootBaseUrl leads to a private address'),
      'chatwoot_address_forbidden',
      'private address',
    ],
    ['it uses a code that nobody knows', own(500, 'toString', 'what'), 'bridge_failing', 'what'],
    ['its proxy is failing', ofOther('<html>Bad Gateway</html>', 502), 'bridge_failing', 'Bad Gateway'],
  ];
  it.each(rows)('%s', (_, failure, code, text) => {
    const error = classify(failure);
    expect(error.code).toBe(code);
    expect(error.message).toContain(text);
  });
});
