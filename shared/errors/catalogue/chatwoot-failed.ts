import type { CatalogueEntry } from './entry.ts';

/** Chatwoot failed: trying again can help, and was tried within the deadline. */
export const chatwootFailures = {
  chatwoot_unreachable: {
    httpStatus: 502,
    message:
      'Chatwoot is unreachable at {url} — verify chatwootBaseUrl and that the host is reachable from the server. Detail: {detail}',
    retryable: true,
    endsActivation: true,
    when: 'No connection: refused, reset, no route, or no answer in time.',
  },
  chatwoot_unknown_host: {
    httpStatus: 502,
    message:
      'Chatwoot is unreachable at {url} — verify chatwootBaseUrl and that the host is reachable from the server. Detail: {detail}',
    retryable: false,
    endsActivation: true,
    when: 'The host in chatwootBaseUrl does not exist, as far as the server’s DNS knows. Not tried again: somebody has to correct it.',
  },
  chatwoot_tls_failed: {
    httpStatus: 502,
    message:
      'Chatwoot is unreachable at {url} — verify chatwootBaseUrl and that the host is reachable from the server; a trusted TLS connection could not be established (an expired or self-signed certificate, one of another host, or plain HTTP on that port). Detail: {detail}',
    retryable: false,
    endsActivation: true,
    when: 'The certificate is not trusted, or the port does not speak TLS. Not tried again: somebody has to correct it.',
  },
  chatwoot_failing: {
    httpStatus: 502,
    message:
      'Chatwoot is unreachable at {url} — verify chatwootBaseUrl and that the host is reachable from the server. Detail: {detail} — Chatwoot itself (or the proxy in front of it) failed: try again, and look into its log if this persists',
    retryable: true,
    endsActivation: true,
    when: 'Chatwoot (or the proxy before it) answered 5xx, or cut its answer short.',
  },
  chatwoot_busy: {
    httpStatus: 503,
    message: 'Chatwoot at {url} took too long for this request — try again in a minute. Detail: {detail}',
    retryable: true,
    endsActivation: true,
    when: 'Chatwoot’s database timed out (a 422 that is no validation).',
  },
  chatwoot_rate_limited: {
    httpStatus: 503,
    message: 'Chatwoot at {url} is limiting our requests — try again in a minute. Detail: {detail}',
    retryable: true,
    endsActivation: true,
    when: 'Chatwoot answered 429. Its window is one minute.',
  },
} as const satisfies Record<string, CatalogueEntry>;
