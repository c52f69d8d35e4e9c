import type { CatalogueEntry } from './entry.ts';

/** What is wrong with the caller's own request. */
export const requestErrors = {
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
  token_superseded: {
    httpStatus: 403,
    message: 'this token was renewed and ends soon — use the new one for this',
    retryable: false,
    when: 'The old TokenAccount, still valid for a while, was used to make a new one.',
  },
  account_not_found: {
    httpStatus: 404,
    message: 'there is no account of this name',
    retryable: false,
    when: 'On the command line: no account has this name.',
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
  delivery_address_unknown: {
    httpStatus: 404,
    message: 'no instance has this address — set the webhook again: activate the instance, or change its engine',
    retryable: false,
    when: 'A WhatsApp engine delivered to an address that Ponte no longer knows: its instance was deleted.',
  },
  delivery_not_genuine: {
    httpStatus: 401,
    message: 'the proof of origin is missing or wrong — verify the secret that the engine signs with',
    retryable: false,
    when: 'A delivery does not carry the signature or secret of its engine, or an address was to be verified with another word. For the Cloud API: the app secret of the instance is not that of the app.',
  },
  dead_letter_not_found: {
    httpStatus: 404,
    message: 'no message of this id is set aside — it was sent again or discarded meanwhile',
    retryable: false,
    when: 'An operator wanted to resend or discard a message that is no longer set aside.',
  },
  event_gone: {
    httpStatus: 404,
    message: 'this event is no longer stored: it was acknowledged or removed meanwhile',
    retryable: false,
    when: 'Between api and bridge: Chatwoot has had the event by now, or its instance was deleted.',
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
    when: 'The token given for an instance belongs, or belonged until lately, to somebody else.',
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
  too_many_large_requests: {
    httpStatus: 503,
    message: 'too many large requests are under way at the same time — send this one again in {seconds} s',
    retryable: true,
    when: 'What large bodies (over 64 KiB) may take of this process’s memory is in use; half of it at most by one account. `Retry-After` says when to come back.',
  },
  form_refused: {
    httpStatus: 403,
    message: 'This form is too old, or not one of ours — go back, reload the page, and try again',
    retryable: false,
    when: 'In the console: a form was sent that the page of this login did not hold, or held too long ago.',
  },
  rate_limited: {
    httpStatus: 429,
    message: 'Rate limit exceeded. Try again later.',
    retryable: true,
    when: 'More requests in a minute than the token (or, without a valid one, the address) may make. `Retry-After` says when to go on.',
  },
} as const satisfies Record<string, CatalogueEntry>;
