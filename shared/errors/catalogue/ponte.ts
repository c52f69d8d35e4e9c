import type { CatalogueEntry } from './entry.ts';

/** Ponte itself: the operator can mend it. */
export const ponteErrors = {
  delivery_not_stored: {
    httpStatus: 503,
    message: 'the event could not be stored — deliver it again later',
    retryable: true,
    when: 'A WhatsApp engine delivered while the database was away. `Retry-After` says when to deliver again.',
  },
  bridge_unreachable: {
    httpStatus: 502,
    message:
      'The bridge is unreachable at {url} — the operator has to verify BRIDGE_URL and that the bridge is running. Detail: {detail}',
    retryable: true,
    endsActivation: true,
    when: 'The worker cannot reach the bridge. Chatwoot was not asked.',
  },
  bridge_timeout: {
    httpStatus: 502,
    message:
      'The bridge gave no answer within {seconds} s — try again, and look into the bridge’s log if it stays; anything it may have created will be cleaned up',
    retryable: true,
    endsActivation: true,
    when: 'The bridge took the request and did not answer. A silent Chatwoot is another error: the bridge reports that itself.',
  },
  bridge_wrong_address: {
    httpStatus: 502,
    message: 'No bridge answers at {url} — the operator has to verify BRIDGE_URL. Detail: {detail}',
    retryable: false,
    endsActivation: true,
    when: 'Something else answers at BRIDGE_URL: it redirects, or has no such endpoint.',
  },
  bridge_refused: {
    httpStatus: 502,
    message:
      'The bridge refused the request — the operator has to see that api, worker and bridge are of the same version. Detail: {detail}',
    retryable: false,
    endsActivation: true,
    when: 'The bridge did not accept what the worker sent it, although the api had found it to be right.',
  },
  bridge_unauthorized: {
    httpStatus: 502,
    message:
      'The bridge refused BRIDGE_TOKEN — the operator has to set the same BRIDGE_TOKEN for api, worker and bridge. Detail: {detail}',
    retryable: false,
    endsActivation: true,
    when: 'The bridge itself answered 401 or 403. It says nothing about the Chatwoot token.',
  },
  bridge_failing: {
    httpStatus: 502,
    message: 'The bridge failed — try again, and look into the bridge’s log if it stays. Detail: {detail}',
    retryable: true,
    endsActivation: true,
    when: 'The bridge answered with an error of its own, or with something that is no answer of a bridge.',
  },
  bridge_busy: {
    httpStatus: 503,
    message: 'The bridge is still working on an earlier activation of this instance — try again in a few seconds',
    retryable: true,
    endsActivation: true,
    when: 'Another process holds this instance; the worker tries again by itself within the deadline.',
  },
  bridge_stream_unavailable: {
    httpStatus: 502,
    message:
      'The bridge cannot open the event stream at {url} — the operator has to verify BRIDGE_INTERNAL_RYZEAPI_URL and BRIDGE_TOKEN. Detail: {detail}',
    retryable: true,
    endsActivation: true,
    when: 'The inbox could be made, but messages could not flow, so it was removed again.',
  },
  webhook_unknown: {
    httpStatus: 404,
    message: 'no integration has this webhook address — it was removed, or replaced by a newer one',
    retryable: false,
    when: 'Chatwoot called the webhook of an inbox that is no longer ours.',
  },
  webhook_gone: {
    httpStatus: 410,
    message: 'this inbox is no longer in use: the integration has moved to another one — reply there',
    retryable: false,
    when: 'An agent replied in an inbox that stayed in Chatwoot when its integration moved; Chatwoot shows the reply as failed.',
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
    endsActivation: true,
    when: 'The inbox was made but could not be recorded, after several tries; it is removed again.',
  },
  database_unavailable: {
    httpStatus: 503,
    message: 'the database is unavailable — nothing was changed, try again in a few seconds',
    retryable: true,
    endsActivation: true,
    when: 'PostgreSQL cannot be reached, is full or did not answer in time.',
  },
  queue_unavailable: {
    httpStatus: 503,
    message: 'the queue is unavailable — nothing was changed, try again in a few seconds',
    retryable: true,
    endsActivation: true,
    when: 'The job could not be queued. The activation was ended, so it will not run later.',
  },
  overloaded: {
    httpStatus: 503,
    message: 'too many activations are waiting for their turn, this one cannot begin in time — try again in {seconds} s',
    retryable: true,
    endsActivation: true,
    when: 'The queue is so long that the activation could not begin before its deadline, or could not within it. `Retry-After` says when to come back.',
  },
  shutting_down: {
    httpStatus: 503,
    message: 'this server is shutting down — send the request again',
    retryable: true,
    endsActivation: true,
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
    endsActivation: true,
    when: 'No worker could take it before its deadline, or its last try was cut off by it.',
  },
  job_unreadable: {
    httpStatus: 500,
    message:
      'activation {activationId} was queued in a form this worker does not know — the operator has to run api and worker of the same version',
    retryable: true,
    endsActivation: true,
    when: 'While versions are mixed, or when somebody put a job into the queue by hand.',
  },
  worker_lost: {
    httpStatus: 500,
    message: 'activation {activationId} was interrupted several times and given up; nothing is left behind — try again',
    retryable: true,
    endsActivation: true,
    when: 'The processes that worked on it died again and again.',
  },
  internal: {
    httpStatus: 500,
    message: 'internal error — the operator finds it in the log under request id {requestId}',
    retryable: true,
    endsActivation: true,
    when: 'An unexpected error of ours. Nothing about it is shown outside the log.',
  },
} as const satisfies Record<string, CatalogueEntry>;
