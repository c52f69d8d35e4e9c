import { describe, expect, it } from 'vitest';
import type { BridgeUpstream } from '../../shared/contracts/bridge.ts';
import { type ErrorCode, errorCatalogue } from '../../shared/errors/catalogue.ts';
import { classify, ofPonte, url } from './classification.fixture.ts';

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
    [
      'a text of Chatwoot’s own under a status that it does not have there',
      { status: 500, body: '{"error":"Invalid Access Token"}' },
      'chatwoot_failing',
      502,
      'HTTP 500',
    ],
    [
      'the same on the way to elsewhere',
      { status: 302, body: '{"error":"Invalid Access Token"}', location: 'https://other.example' },
      'chatwoot_redirect',
      400,
      'other.example',
    ],
    ['a choice of addresses', { status: 300, body: '' }, 'chatwoot_redirect', 400, 'redirects to another address'],
    ['a 403 with a list of errors', { status: 403, body: '{"errors":["no"]}' }, 'chatwoot_denied', 403, DENIED],
    [
      'a database that timed out, in other words',
      { status: 422, body: '{"error":"This took too long."}' },
      'chatwoot_busy',
      503,
      'took too long',
    ],
    [
      'the words of such a database under another status',
      { status: 400, body: '{"error":"This took too long."}' },
      'chatwoot_invalid_request',
      400,
      'the detail says',
    ],
    [
      'its very words under the first status of refusals',
      { status: 400, body: '{"error":"The request took too long to complete. Please try again."}' },
      'chatwoot_busy',
      503,
      'took too long',
    ],
    [
      'an account that does not exist, in Portuguese',
      { status: 404, body: '{"error":"O recurso não foi encontrado"}' },
      'chatwoot_account_not_found',
      400,
      NOT_FOUND,
    ],
    ['a request that came too early', { status: 425, body: '' }, 'chatwoot_failing', 502, 'HTTP 425'],
    [
      'attributes that are no names',
      { status: 422, body: '{"message":"x","attributes":[5,"timezone"]}' },
      'chatwoot_invalid_request',
      400,
      'Chatwoot objects to timezone',
    ],
    ['a 401 that says nothing', { status: 401, body: 'null' }, 'chatwoot_token_invalid', 401, 'verify chatwootApiToken'],
    [
      'an answer that was cut off behind its error',
      { status: 403, body: ' {"code": 1, "error" : "Account is suspended", "tr' },
      'chatwoot_account_suspended',
      403,
      'suspended',
    ],
    [
      'a page that quotes such an answer',
      { status: 403, body: 'x {"error":"Account is suspended", "tr' },
      'chatwoot_denied',
      403,
      DENIED,
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

  it('quotes it as it was handed over, whatever the bridge’s own message is', () => {
    const failure = ofPonte({ status: 401, body: '{"error":"Invalid Access Token"}' });
    if (failure.kind !== 'http' || failure.error === undefined) throw new Error('the bridge answers');
    const error = classify({ ...failure, error: { ...failure.error, message: 'something else' } });
    expect(error.message).toMatch(/HTTP 401: \{"error":"Invalid Access Token"\}$/);
  });

  it('hands on how long Chatwoot wants to be left alone, within an hour', () => {
    expect(classify(ofPonte({ status: 429, body: '', retry_after_seconds: 17.2 })).retryAfterSeconds).toBe(18);
    expect(classify(ofPonte({ status: 429, body: '', retry_after_seconds: 1e9 })).retryAfterSeconds).toBe(3_600);
    expect(classify(ofPonte({ status: 429, body: '', retry_after_seconds: -5 })).retryAfterSeconds).toBeUndefined();
    expect(classify(ofPonte({ status: 429, body: '' })).retryAfterSeconds).toBeUndefined();
  });
});
