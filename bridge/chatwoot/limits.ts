import { BRIDGE_LIMITS } from '../timeouts.ts';
import type { CallLimits } from './call.ts';

const { createInboxMs: WRITE_TIMEOUT_MS, inboxMs: SHORT_TIMEOUT_MS } = BRIDGE_LIMITS;
const READ_TIMEOUT_MS = 15_000;
/** A file of 40 MB on a slow line. */
const UPLOAD_TIMEOUT_MS = 120_000;
const MEBIBYTE = 1_048_576;

/** Of each kind, for requests that make something and for the others: a host that hangs must not take the sockets of the process. */
export const CHATWOOT_SOCKETS_PER_HOST = 100;

/** For what somebody waits for: activations, removals, status. What makes something is given all of its time. */
export const TASK_LIMITS: CallLimits = {
  responseTimeoutMs: {
    GET: SHORT_TIMEOUT_MS,
    POST: WRITE_TIMEOUT_MS,
    PATCH: SHORT_TIMEOUT_MS,
    DELETE: SHORT_TIMEOUT_MS,
  },
  overheadMs: 5_000,
  uploadTimeoutMs: UPLOAD_TIMEOUT_MS,
  maxResponseBytes: MEBIBYTE,
  freshWrites: true,
};

/** For messages on their way to Chatwoot: many calls, and each whose outcome is unknown is looked up before it is repeated. */
export const RELAY_LIMITS: CallLimits = {
  responseTimeoutMs: { GET: READ_TIMEOUT_MS, POST: WRITE_TIMEOUT_MS, PATCH: WRITE_TIMEOUT_MS, DELETE: WRITE_TIMEOUT_MS },
  overheadMs: 10_000,
  uploadTimeoutMs: UPLOAD_TIMEOUT_MS,
  maxResponseBytes: 16 * MEBIBYTE,
  freshWrites: false,
};

/** For telling what became of an agent's messages, one after another. */
export const REPORT_LIMITS: CallLimits = {
  responseTimeoutMs: {
    GET: SHORT_TIMEOUT_MS,
    POST: SHORT_TIMEOUT_MS,
    PATCH: SHORT_TIMEOUT_MS,
    DELETE: SHORT_TIMEOUT_MS,
  },
  overheadMs: 4_000,
  uploadTimeoutMs: UPLOAD_TIMEOUT_MS,
  maxResponseBytes: 4 * MEBIBYTE,
  freshWrites: true,
};
