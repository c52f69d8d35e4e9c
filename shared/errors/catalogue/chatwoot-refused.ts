import type { CatalogueEntry } from './entry.ts';

const DENIED = 'Chatwoot denied the request —';
const NOT_FOUND = 'Chatwoot account or endpoint not found —';

/** Chatwoot refused: the customer can mend it. */
export const chatwootRefusals = {
  chatwoot_inbox_not_adoptable: {
    httpStatus: 400,
    message: 'inbox {inboxId} of Chatwoot account {accountId} cannot be taken over: {reason} — verify chatwootInboxId',
    retryable: false,
    endsActivation: true,
    when: '`chatwootInboxId` names no API inbox of that account, or one that is in use.',
  },
  chatwoot_token_invalid: {
    httpStatus: 401,
    message: 'Chatwoot rejected the API token — verify chatwootApiToken. Detail: {detail}',
    retryable: false,
    endsActivation: true,
    when: 'Chatwoot does not know the token. Copy it again: Profile settings, Access token.',
  },
  chatwoot_token_dropped: {
    httpStatus: 401,
    message:
      'Chatwoot rejected the API token — verify chatwootApiToken; Chatwoot says that no token arrived at all, so a proxy in front of it may drop the header (nginx: underscores_in_headers on). Detail: {detail}',
    retryable: false,
    endsActivation: true,
    when: 'Chatwoot answered as if no token had been sent (`errors`, plural): usually a proxy that drops the header.',
  },
  chatwoot_not_admin: {
    httpStatus: 403,
    message: `${DENIED} verify the API token has admin scope on account {accountId}. Detail: {detail}`,
    retryable: false,
    endsActivation: true,
    when: 'The token belongs to an agent; only an administrator of the account may create inboxes.',
  },
  chatwoot_not_member: {
    httpStatus: 403,
    message: `${DENIED} verify the API token has admin scope on account {accountId}; its user is not a member of that account, so chatwootAccountId may be wrong. Detail: {detail}`,
    retryable: false,
    endsActivation: true,
    when: 'The account exists, but the user of the token is not a member of it.',
  },
  chatwoot_account_suspended: {
    httpStatus: 403,
    message: `${DENIED} account {accountId} is suspended in Chatwoot; have it reactivated there. Detail: {detail}`,
    retryable: false,
    endsActivation: true,
    when: 'The Chatwoot account is suspended.',
  },
  chatwoot_bot_token: {
    httpStatus: 403,
    message: `${DENIED} verify the API token has admin scope on account {accountId}; this is the token of a bot or of a platform app, use the one of an administrator. Detail: {detail}`,
    retryable: false,
    endsActivation: true,
    when: 'The token is not a user’s: agent bots and platform apps cannot create inboxes.',
  },
  chatwoot_api_disabled: {
    httpStatus: 403,
    message: `${DENIED} the plan of account {accountId} has no API access; change the plan in Chatwoot. Detail: {detail}`,
    retryable: false,
    endsActivation: true,
    when: 'Chatwoot Cloud: the plan does not include the API.',
  },
  chatwoot_plan_limit: {
    httpStatus: 403,
    message: `${DENIED} account {accountId} has reached the inboxes its plan allows; remove one or change the plan. Detail: {detail}`,
    retryable: false,
    endsActivation: true,
    when: 'Chatwoot answered 402: the plan’s limit of inboxes is reached.',
  },
  chatwoot_denied: {
    httpStatus: 403,
    message: `${DENIED} verify the API token has admin scope on account {accountId}. Detail: {detail}`,
    retryable: false,
    endsActivation: true,
    when: 'Any other refusal with 403, for example by a firewall in front of Chatwoot.',
  },
  chatwoot_account_not_found: {
    httpStatus: 400,
    message: `${NOT_FOUND} verify chatwootBaseUrl ({url}) and chatwootAccountId ({accountId}). Detail: {detail}`,
    retryable: false,
    endsActivation: true,
    when: 'Chatwoot has no account of this number.',
  },
  chatwoot_endpoint_not_found: {
    httpStatus: 400,
    message: `${NOT_FOUND} verify chatwootBaseUrl ({url}) and chatwootAccountId ({accountId}); there is no Chatwoot API at that address, give the address alone, without /app or any other path. Detail: {detail}`,
    retryable: false,
    endsActivation: true,
    when: 'What answers at chatwootBaseUrl is no Chatwoot API: a 404 page, an HTML page, or JSON of another make.',
  },
  chatwoot_redirect: {
    httpStatus: 400,
    message: `${NOT_FOUND} verify chatwootBaseUrl ({url}) and chatwootAccountId ({accountId}); that address redirects to {location}, use the final address (often https). Detail: {detail}`,
    retryable: false,
    endsActivation: true,
    when: 'chatwootBaseUrl redirects. Redirects are not followed: the token would go to another host, and POST would become GET.',
  },
  chatwoot_invalid_request: {
    httpStatus: 400,
    message: 'Chatwoot rejected the request as invalid — {hint}. Detail: {detail}',
    retryable: false,
    endsActivation: true,
    when: 'Chatwoot’s validation refused a value; the message says which to change.',
  },
  chatwoot_address_forbidden: {
    httpStatus: 400,
    message:
      'chatwootBaseUrl ({url}) leads to a private address, which this server does not call — use the public address, or have the operator set CHATWOOT_ALLOW_PRIVATE_NETWORK',
    retryable: false,
    endsActivation: true,
    when: 'The host resolves to a private, loopback or link-local address and the operator did not allow those.',
  },
} as const satisfies Record<string, CatalogueEntry>;
