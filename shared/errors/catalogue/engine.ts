import type { CatalogueEntry } from './entry.ts';

/** Sending through the WhatsApp engine. */
export const engineErrors = {
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
  engine_address_forbidden: {
    httpStatus: 400,
    message:
      'engineUrl ({url}) leads to a private address, which this server does not call — use the public address, or have the operator set ENGINE_ALLOW_PRIVATE_NETWORK',
    retryable: false,
    when: 'The host of the instance’s own engineUrl resolves to a private, loopback or link-local address and the operator did not allow those.',
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
  engine_cannot: {
    httpStatus: 501,
    message: 'this kind of WhatsApp engine cannot {action}',
    retryable: false,
    when: 'The engine of the instance has no such function, for example to delete a message for everyone.',
  },
} as const satisfies Record<string, CatalogueEntry>;
