import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { classifyBridgeFailure } from '../../shared/bridge-client/classification.ts';
import { mayHaveTakenEffect } from '../../shared/bridge-client/effect.ts';
import type { BridgeFailure } from '../../shared/bridge-client/outcome.ts';
import { activationErrorSchema } from '../../shared/contracts/activation.ts';
import { type BridgeUpstream, bridgeErrorSchema, diagnosisSchema } from '../../shared/contracts/bridge.ts';
import { type ErrorCode, errorCatalogue } from '../../shared/errors/catalogue.ts';

const settings = { chatwootBaseUrl: 'https://chat.example.com', chatwootAccountId: 5 };
const bridgeUrl = 'http://bridge:3001';
const url = 'https://chat.example.com/api/v1/accounts/5/inboxes';
const classify = (failure: BridgeFailure, secrets: string[] = []) => classifyBridgeFailure(failure, settings, bridgeUrl, secrets);

/** What Ponte's bridge answers when Chatwoot gave this. */
function ofPonte(upstream: Partial<BridgeUpstream>): BridgeFailure {
  const full = { method: 'POST', url, ...upstream };
  const message = full.status ? `${url} HTTP ${full.status}: ${full.body ?? ''}` : `Post "${url}": ${full.network ?? ''}`;
  return { kind: 'http', status: 502, error: { message, upstream: full }, text: '', retryAfterSeconds: undefined };
}
/** What any other bridge answers: a text, with one of many statuses. */
const ofOther = (text: string, status = 502): BridgeFailure => ({
  kind: 'http',
  status,
  error: undefined,
  text,
  retryAfterSeconds: undefined,
});

const DENIED = 'Chatwoot denied the request — verify the API token has admin scope on account 5';
const NOT_FOUND =
  'Chatwoot account or endpoint not found — verify chatwootBaseUrl (https://chat.example.com) and chatwootAccountId (5)';
const UNREACHABLE =
  'Chatwoot is unreachable at https://chat.example.com — verify chatwootBaseUrl and that the host is reachable from the server';

describe('what Chatwoot answers to an inbox request becomes the documented error', () => {
  const rows: [title: string, upstream: Partial<BridgeUpstream>, code: ErrorCode, httpStatus: number, text: string][] = [
    [
      'a wrong token',
      { status: 401, body: '{"error":"Invalid Access Token"}' },
      'chatwoot_token_invalid',
      401,
      'Chatwoot rejected the API token — verify chatwootApiToken. Detail: ',
    ],
    [
      'a token that a proxy dropped',
      { status: 401, body: '{"errors":["You need to sign in or sign up before continuing."]}' },
      'chatwoot_token_dropped',
      401,
      'underscores_in_headers',
    ],
    [
      'a dropped token, in Portuguese',
      { status: 401, body: '{"errors":["Para continuar, faça login ou registre-se."]}' },
      'chatwoot_token_dropped',
      401,
      'verify chatwootApiToken',
    ],
    [
      'the token of an agent',
      { status: 401, body: '{"error":"You are not authorized to do this action"}' },
      'chatwoot_not_admin',
      403,
      `${DENIED}. Detail: `,
    ],
    [
      'a foreign account',
      { status: 401, body: '{"error":"You are not authorized to access this account"}' },
      'chatwoot_not_member',
      403,
      'chatwootAccountId may be wrong',
    ],
    [
      'a foreign account, in Portuguese, diagnosed',
      { status: 401, body: '{"error":"Você não está autorizado a acessar esta conta"}', diagnosis: 'not_member' },
      'chatwoot_not_member',
      403,
      'chatwootAccountId may be wrong',
    ],
    [
      'a suspended account',
      { status: 401, body: '{"error":"Account is suspended"}' },
      'chatwoot_account_suspended',
      403,
      'suspended',
    ],
    [
      'the token of a bot',
      { status: 401, body: '{"error":"Access to this endpoint is not authorized for bots"}' },
      'chatwoot_bot_token',
      403,
      DENIED,
    ],
    [
      'the token of a bot of another account',
      { status: 401, body: '{"error":"Bot is not authorized to access this account"}' },
      'chatwoot_bot_token',
      403,
      DENIED,
    ],
    ['an unknown 401', { status: 401, body: '{"error":"Nope"}' }, 'chatwoot_token_invalid', 401, 'verify chatwootApiToken'],
    [
      'an unknown 401 whose token proved right',
      { status: 401, body: '{"error":"Nope"}', diagnosis: 'ok' },
      'chatwoot_denied',
      403,
      DENIED,
    ],
    [
      'an unknown 401, diagnosed as an agent',
      { status: 401, body: '{"error":"?"}', diagnosis: 'not_admin' },
      'chatwoot_not_admin',
      403,
      DENIED,
    ],
    [
      'an unknown 401, diagnosed as dropped',
      { status: 401, body: '', diagnosis: 'token_dropped' },
      'chatwoot_token_dropped',
      401,
      'proxy',
    ],
    [
      'a 401 page of a proxy',
      { status: 401, body: '<html>Authorization Required</html>' },
      'chatwoot_token_invalid',
      401,
      'Detail: ',
    ],
    [
      'a plan without API',
      { status: 403, body: '{"error":"API access is not enabled for this account"}' },
      'chatwoot_api_disabled',
      403,
      'plan',
    ],
    [
      'a plan without API, translated and diagnosed',
      { status: 403, body: '{"error":"…"}', diagnosis: 'api_disabled' },
      'chatwoot_api_disabled',
      403,
      'plan',
    ],
    [
      'a 403 page of a firewall',
      { status: 403, body: '<html><title>Attention Required! | Cloudflare</title>' },
      'chatwoot_denied',
      403,
      `${DENIED}. Detail: `,
    ],
    [
      'the limit of inboxes',
      { status: 402, body: '{"error":"Account limit exceeded. Upgrade to a higher plan"}' },
      'chatwoot_plan_limit',
      403,
      'plan',
    ],
    ['another 402', { status: 402, body: '' }, 'chatwoot_plan_limit', 403, 'plan'],
    [
      'an account that does not exist',
      { status: 404, body: '{"error":"Resource could not be found"}' },
      'chatwoot_account_not_found',
      400,
      `${NOT_FOUND}. Detail: `,
    ],
    [
      'a Rails application without that route',
      { status: 404, body: '{"status":404,"error":"Not Found"}' },
      'chatwoot_endpoint_not_found',
      400,
      'give the address alone',
    ],
    ['a 404 page', { status: 404, body: '<!DOCTYPE html><title>404</title>' }, 'chatwoot_endpoint_not_found', 400, NOT_FOUND],
    ['an empty 404', { status: 404, body: '' }, 'chatwoot_endpoint_not_found', 400, NOT_FOUND],
    ['a 405', { status: 405, body: '' }, 'chatwoot_endpoint_not_found', 400, NOT_FOUND],
    [
      'a malformed request',
      { status: 400, body: '{"status":400,"error":"Bad Request"}' },
      'chatwoot_invalid_request',
      400,
      'Chatwoot rejected the request as invalid — ',
    ],
    [
      'plain HTTP on the port of HTTPS',
      { status: 400, body: '<html>The plain HTTP request was sent to HTTPS port</html>' },
      'chatwoot_invalid_request',
      400,
      'use https:// in chatwootBaseUrl',
    ],
    ['another 400 page', { status: 400, body: '<html>Bad Request</html>' }, 'chatwoot_endpoint_not_found', 400, NOT_FOUND],
    [
      'a name that Chatwoot refuses',
      { status: 422, body: '{"message":"Name should not start or end with symbols","attributes":["name"]}' },
      'chatwoot_invalid_request',
      400,
      'change inboxName (',
    ],
    [
      'the same in another language',
      { status: 422, body: '{"message":"Nome é muito longo","attributes":["name"]}' },
      'chatwoot_invalid_request',
      400,
      'before 4.3',
    ],
    [
      'a webhook URL that is too long',
      { status: 422, body: '{"message":"x","attributes":["webhook_url"]}' },
      'chatwoot_invalid_request',
      400,
      'BRIDGE_PUBLIC_URL',
    ],
    [
      'a channel that is not there',
      { status: 422, body: '{"message":"x","attributes":["channel"]}' },
      'chatwoot_invalid_request',
      400,
      'no inboxes of the kind API',
    ],
    [
      'two attributes at once',
      { status: 422, body: '{"message":"x","attributes":["name","webhook_url"]}' },
      'chatwoot_invalid_request',
      400,
      '; the operator has to change BRIDGE_PUBLIC_URL',
    ],
    [
      'an attribute we do not set',
      { status: 422, body: '{"message":"x","attributes":["timezone"]}' },
      'chatwoot_invalid_request',
      400,
      'Chatwoot objects to timezone',
    ],
    [
      'an attribute named like a method of objects',
      { status: 422, body: '{"message":"x","attributes":["constructor"]}' },
      'chatwoot_invalid_request',
      400,
      'Chatwoot objects to constructor',
    ],
    [
      'a missing parameter',
      { status: 422, body: '{"error":"param is missing or the value is empty: channel"}' },
      'chatwoot_invalid_request',
      400,
      'the detail says',
    ],
    [
      'a database that timed out, looking like validation',
      { status: 422, body: '{"error":"The request took too long to complete. Please try again."}' },
      'chatwoot_busy',
      503,
      'took too long',
    ],
    [
      'too many requests',
      { status: 429, body: 'Retry later\n' },
      'chatwoot_rate_limited',
      503,
      'Detail: https://chat.example.com/api/v1/accounts/5/inboxes HTTP 429: Retry later',
    ],
    [
      'a redirect',
      { status: 301, body: '', location: 'https://other.example/api' },
      'chatwoot_redirect',
      400,
      'redirects to https://other.example/api',
    ],
    ['a redirect to nowhere', { status: 308, body: '' }, 'chatwoot_redirect', 400, 'redirects to another address'],
    [
      'a page with status 200',
      { status: 200, content_type: 'text/html', body: '<html>' },
      'chatwoot_endpoint_not_found',
      400,
      NOT_FOUND,
    ],
    ['JSON without an inbox', { status: 200, body: '{"payload":[]}' }, 'chatwoot_endpoint_not_found', 400, NOT_FOUND],
    [
      'an error of Chatwoot',
      { status: 500, body: '{"status":500,"error":"Internal Server Error"}' },
      'chatwoot_failing',
      502,
      'Internal Server Error',
    ],
    ['an error of its proxy', { status: 502, body: '<html>Bad Gateway</html>' }, 'chatwoot_failing', 502, 'Bad Gateway'],
    ['an error of Cloudflare', { status: 522, body: '' }, 'chatwoot_failing', 502, 'HTTP 522'],
    ['a code of Chatwoot’s own', { status: 901, body: '' }, 'chatwoot_failing', 502, 'HTTP 901'],
    ['a proxy that waited too long', { status: 408, body: '' }, 'chatwoot_failing', 502, 'HTTP 408'],
    ['a refused connection', { network: 'ECONNREFUSED' }, 'chatwoot_unreachable', 502, `${UNREACHABLE}. Detail: `],
    ['a silent host', { network: 'timeout' }, 'chatwoot_unreachable', 502, UNREACHABLE],
    ['a reset connection', { network: 'ECONNRESET' }, 'chatwoot_unreachable', 502, UNREACHABLE],
    ['DNS that has no answer just now', { network: 'EAI_AGAIN' }, 'chatwoot_unreachable', 502, UNREACHABLE],
    ['a cause we do not know', { network: 'EWHATEVER' }, 'chatwoot_unreachable', 502, UNREACHABLE],
    ['an unknown host', { network: 'ENOTFOUND' }, 'chatwoot_unknown_host', 502, `${UNREACHABLE}. Detail: `],
    ['an expired certificate', { network: 'CERT_HAS_EXPIRED' }, 'chatwoot_tls_failed', 502, 'certificate'],
    ['a self-signed certificate', { network: 'DEPTH_ZERO_SELF_SIGNED_CERT' }, 'chatwoot_tls_failed', 502, UNREACHABLE],
    ['a certificate of another host', { network: 'ERR_TLS_CERT_ALTNAME_INVALID' }, 'chatwoot_tls_failed', 502, UNREACHABLE],
    ['an incomplete certificate chain', { network: 'UNABLE_TO_VERIFY_LEAF_SIGNATURE' }, 'chatwoot_tls_failed', 502, UNREACHABLE],
    ['plain HTTP on a port of TLS', { network: 'EPROTO' }, 'chatwoot_tls_failed', 502, UNREACHABLE],
    [
      'an address that is forbidden',
      { network: 'address_forbidden' },
      'chatwoot_address_forbidden',
      400,
      'CHATWOOT_ALLOW_PRIVATE_NETWORK',
    ],
  ];
  it.each(rows)('%s', (_, upstream, code, httpStatus, text) => {
    const error = classify(ofPonte(upstream));
    expect({ code: error.code, httpStatus: error.httpStatus }).toEqual({ code, httpStatus });
    expect(error.message).toContain(text);
    expect(error.retryable).toBe(errorCatalogue[code].retryable);
  });

  it('quotes Chatwoot word for word in the detail of a rejected token', () => {
    expect(classify(ofPonte({ status: 401, body: '{"error":"Invalid Access Token"}' })).message).toBe(
      `Chatwoot rejected the API token — verify chatwootApiToken. Detail: ${url} HTTP 401: {"error":"Invalid Access Token"}`,
    );
  });

  it('hands on how long Chatwoot wants to be left alone, within an hour', () => {
    expect(classify(ofPonte({ status: 429, body: '', retry_after_seconds: 17.2 })).retryAfterSeconds).toBe(18);
    expect(classify(ofPonte({ status: 429, body: '', retry_after_seconds: 1e9 })).retryAfterSeconds).toBe(3_600);
    expect(classify(ofPonte({ status: 429, body: '', retry_after_seconds: -5 })).retryAfterSeconds).toBeUndefined();
    expect(classify(ofPonte({ status: 429, body: '' })).retryAfterSeconds).toBeUndefined();
  });
});

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
      { kind: 'network', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:3001' },
      'bridge_unreachable',
      'unreachable at http://bridge:3001',
    ],
    [
      'its host is unknown',
      { kind: 'network', code: 'ENOTFOUND', message: 'getaddrinfo ENOTFOUND bridge' },
      'bridge_unreachable',
      'BRIDGE_URL',
    ],
    [
      'its connection broke',
      { kind: 'network', code: 'ECONNRESET', message: 'read ECONNRESET' },
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
      'bridge_failing',
      'the database is unavailable',
    ],
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

describe('secrets', () => {
  const token = 'Zk8"sé4Qm/2vN+7xYtRw1B';
  it.each([
    ['as it is', token],
    ['inside JSON', JSON.stringify({ echo: token })],
    ['in a URL', `https://x/?q=${encodeURIComponent(token)}`],
    ['cut off at the end', `echo ${token.slice(0, 15)}`],
  ])('the Chatwoot token is masked in the detail: %s', (_, body) => {
    const { message } = classify(ofPonte({ status: 500, body }), [token]);
    expect(message).toContain('[redacted]');
    expect(message).not.toContain(token.slice(5, 15));
    expect(message).not.toContain(encodeURIComponent(token).slice(8, 20));
  });

  it('so is whatever is named as a secret, and the login in an address', () => {
    const body = '{"access_token":"abcdefgh1234","pubsub_token": "zzzzyyyyxxxx"} Authorization: Bearer qqqqwwww1111';
    const { message } = classify(ofPonte({ status: 500, body, url: 'https://ana:hunter22@chat.example.com/x' }));
    expect(message).not.toMatch(/abcdefgh|zzzzyyyy|qqqqwwww|hunter22/);
  });
});

describe('whether a failed call may have left something behind', () => {
  it.each<[string, BridgeFailure, boolean]>([
    ['a refused connection', { kind: 'network', code: 'ECONNREFUSED', message: '' }, false],
    ['no connection in time', { kind: 'network', code: 'CONNECT_TIMEOUT', message: '' }, false],
    ['a reset connection', { kind: 'network', code: 'ECONNRESET', message: '' }, true],
    ['a timeout', { kind: 'timeout', timeoutMs: 1 }, true],
    ['a call we gave up', { kind: 'aborted' }, true],
    ['a redirect', { kind: 'protocol', status: 301, detail: '' }, false],
    ['a broken success', { kind: 'protocol', status: 200, detail: '' }, true],
    ['a clean refusal by Chatwoot', ofPonte({ status: 401 }), false],
    ['an error of Chatwoot', ofPonte({ status: 500 }), true],
    ['a proxy of Chatwoot that stopped waiting', ofPonte({ status: 408 }), true],
    ['a Chatwoot that was never reached', ofPonte({ network: 'ENOTFOUND' }), false],
    ['a Chatwoot that did not answer', ofPonte({ network: 'timeout' }), true],
    ['a refused BRIDGE_TOKEN', ofOther('', 401), false],
    ['an error of the bridge', ofOther('', 500), true],
  ])('%s', (_, failure, expected) => {
    expect(mayHaveTakenEffect(failure)).toBe(expected);
  });
});

it('whatever the bridge says, the outcome is a code of the catalogue in one bounded printable line', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 3_000 }),
    fc.json(),
    fc.tuple(fc.string(), fc.integer({ min: 100, max: 999 }), fc.string()).map(([a, b, c]) => `${a} HTTP ${b}: ${c}`),
    fc.string().map((reason) => `Post "${url}": ${reason}`),
  );
  const nullable = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: null });
  const upstream = fc.record(
    {
      method: fc.string(),
      url: fc.oneof(text, fc.webUrl()),
      status: nullable(fc.integer()),
      body: nullable(text),
      location: nullable(text),
      retry_after_seconds: nullable(fc.double()),
      network: nullable(fc.oneof(text, fc.constantFrom('ECONNRESET', 'timeout', 'address_forbidden'))),
      diagnosis: nullable(fc.constantFrom(...diagnosisSchema.options)),
    },
    { requiredKeys: ['method', 'url'] },
  );
  const error = fc.record({ message: text, code: fc.string(), upstream }, { requiredKeys: ['message'] });
  const failure: fc.Arbitrary<BridgeFailure> = fc.oneof(
    fc.record({ kind: fc.constant('network' as const), code: fc.string(), message: text }),
    fc.record({ kind: fc.constant('protocol' as const), status: fc.integer(), detail: text }),
    fc.record({
      kind: fc.constant('http' as const),
      status: fc.integer({ min: 0, max: 999 }),
      error: fc.option(
        error.filter((value) => bridgeErrorSchema.safeParse({ error: value }).success),
        { nil: undefined },
      ),
      text,
      retryAfterSeconds: fc.option(fc.double(), { nil: undefined }),
    }),
  );
  fc.assert(
    fc.property(failure, fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (value, base, secret) => {
      const outcome = classifyBridgeFailure(value, { chatwootBaseUrl: base, chatwootAccountId: 1 }, bridgeUrl, [secret]);
      expect(activationErrorSchema.safeParse(outcome).success).toBe(true);
      expect(outcome.message).not.toMatch(/[\p{Cc}\p{Surrogate}\u2028\u2029\u202e]/u);
      expect(outcome.message.length).toBeLessThan(2_000);
      expect(JSON.parse(JSON.stringify(outcome))).toEqual(outcome);
      expect(typeof mayHaveTakenEffect(value)).toBe('boolean');
    }),
    { numRuns: 1_000 },
  );
});
