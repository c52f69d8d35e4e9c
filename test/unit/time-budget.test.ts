import { describe, expect, it } from 'vitest';
import { API_LIMITS, API_TIMEOUTS } from '../../api/timeouts.ts';
import { BRIDGE_LIMITS, BRIDGE_TIMEOUTS } from '../../bridge/timeouts.ts';
import { ACTIVATION_TIMEOUT_MS as CLIENT_MS } from '../../shared/config/variables.ts';
import { QUEUE_COMMAND_TIMEOUT_MS } from '../../shared/queue/engine.ts';
import { SHUTDOWN_DEADLINE_MS } from '../../shared/run-process.ts';
import { WORKER_LIMITS, WORKER_TIMEOUTS } from '../../worker/timeouts.ts';

const { lockMs, checkMs } = WORKER_TIMEOUTS.queue;
/** From the death of a worker until another one has its job. */
const RECOVERY_MS = lockMs + checkMs;
const RETRY_PAUSE_MS = 1_000;
/** Beyond what Chatwoot's own limit is. */
const CHATWOOT_MS = 15_000;

/** Every pair is `[what has to fit, into what]`. */
const fits = (cases: readonly (readonly [name: string, innerMs: number, outerMs: number])[]) =>
  it.each(cases)('%s', (_name, innerMs, outerMs) => expect(innerMs).toBeLessThanOrEqual(outerMs));

describe('what a client waits for an activation has room for', () => {
  const { activateMs, recordMs, removeFirstMs } = WORKER_LIMITS;
  fits([
    [
      'a queue that hesitates, a worker that dies, and after it one whole call with all that may come before and after it',
      QUEUE_COMMAND_TIMEOUT_MS + RECOVERY_MS + removeFirstMs + activateMs + recordMs,
      CLIENT_MS,
    ],
    [
      'a queue that hesitates and two calls that are both used up',
      QUEUE_COMMAND_TIMEOUT_MS + activateMs + RETRY_PAUSE_MS + activateMs + recordMs,
      CLIENT_MS,
    ],
    [
      'a queue that lost the job, and one whole call after it was added again',
      WORKER_TIMEOUTS.reconciler.pendingGraceMs + WORKER_TIMEOUTS.reconciler.everyMs + activateMs + recordMs,
      CLIENT_MS,
    ],
  ]);
});

describe('what cannot come through is told soon', () => {
  /** Connecting to the bridge, and what the queue and the database take. */
  const CONNECT_MS = 2_000;
  fits([
    ['a Chatwoot that stays silent: one call', WORKER_LIMITS.activateMs, 25_000],
    ['a bridge that is down: the patience with it, and the last try', WORKER_TIMEOUTS.bridgePatienceMs + CONNECT_MS, 15_000],
    [
      'to another bridge, what one ran that died: within five seconds, with a little to notice that it has run out',
      BRIDGE_TIMEOUTS.leases.validityMs,
      5_000 - 250,
    ],
    ['a host that is known to hang, to whoever waits for it', 2 * WORKER_TIMEOUTS.admission.comeBackMs, 5_000],
    [
      'a call that is taken for a silence has had the time to connect',
      WORKER_TIMEOUTS.admission.silentAfterMs,
      BRIDGE_LIMITS.createInboxMs,
    ],
    [
      'the instance of a bridge that died, and one whole call after it',
      BRIDGE_TIMEOUTS.locks.validityMs + RETRY_PAUSE_MS + WORKER_LIMITS.activateMs + WORKER_LIMITS.recordMs,
      CLIENT_MS,
    ],
  ]);
});

describe('a call ends before its caller gives up', () => {
  const { lockWaitMs } = BRIDGE_LIMITS;
  const activateMs = WORKER_LIMITS.activateMs - WORKER_LIMITS.answerMs;
  fits([
    ['Chatwoot’s own end of a request before the bridge stops listening', CHATWOOT_MS, BRIDGE_LIMITS.createInboxMs],
    ['a new inbox, after waiting for the instance', lockWaitMs + BRIDGE_LIMITS.createInboxMs, activateMs],
    [
      'a Chatwoot that stays silent: one try and one look at what came of it',
      BRIDGE_LIMITS.createInboxMs + BRIDGE_LIMITS.lookAfterMs,
      activateMs - 1_000,
    ],
    ['a look for the inbox of an earlier try and its change', lockWaitMs + 2 * BRIDGE_LIMITS.inboxMs, activateMs],
    [
      'a diagnosis of a refusal, which comes within what a silent Chatwoot may take',
      BRIDGE_LIMITS.diagnoseMs,
      BRIDGE_LIMITS.createInboxMs,
    ],
    ['the probe of the event stream while the inbox is made', BRIDGE_LIMITS.streamMs, BRIDGE_LIMITS.createInboxMs],
    ['a dry run: the inboxes, then the profile', BRIDGE_LIMITS.inboxMs + BRIDGE_LIMITS.checkProfileMs, API_LIMITS.checkMs],
    ['the api’s own dry run, within what it gives an activation', API_LIMITS.checkMs, WORKER_LIMITS.activateMs],
    ['an integration’s state', BRIDGE_LIMITS.statusMs, API_LIMITS.listMs - 1_000],
    ['a removal for the api', lockWaitMs + BRIDGE_LIMITS.removeMs, API_LIMITS.removeMs],
    ['a removal for the worker', lockWaitMs + BRIDGE_LIMITS.removeMs, WORKER_LIMITS.removeMs],
    [
      'undoing, before a removal of the same instance gives up waiting for the last time',
      BRIDGE_LIMITS.undoMs,
      WORKER_LIMITS.removeMs,
    ],
    ['the engine’s sending of a text, within the api’s call', API_LIMITS.sendTextMs, BRIDGE_LIMITS.sendTextMs - 5_000],
    ['the engine’s sending of a file, within the api’s call', API_LIMITS.sendMediaMs, BRIDGE_LIMITS.sendMediaMs - 5_000],
    ['the engine’s handing out of a file, within the api’s call', API_LIMITS.fetchMediaMs, BRIDGE_LIMITS.fetchMediaMs - 5_000],
  ]);
});

describe('nobody takes over what somebody may still be doing', () => {
  const { leases } = BRIDGE_TIMEOUTS;
  fits([
    ['a removal of the api', API_LIMITS.removeMs, API_LIMITS.removalOursForMs - 1_000],
    ['a removal of a worker', WORKER_LIMITS.removeMs, WORKER_LIMITS.removalClaimMs],
    [
      'an activation that the reconciler would take for lost',
      WORKER_LIMITS.removeFirstMs + WORKER_LIMITS.activateMs,
      WORKER_TIMEOUTS.reconciler.runningGraceMs,
    ],
    ['an activation that the api is just queueing', QUEUE_COMMAND_TIMEOUT_MS, WORKER_TIMEOUTS.reconciler.pendingGraceMs],
    [
      'the lock of an instance, of which one renewal fails',
      2 * BRIDGE_TIMEOUTS.locks.renewalMs,
      BRIDGE_TIMEOUTS.locks.validityMs - 1_000,
    ],
    ['a lease, of which one renewal fails', 2 * leases.renewalMs, leases.validityMs - 1_000],
    ['a message that Chatwoot is still storing', CHATWOOT_MS, BRIDGE_TIMEOUTS.takesEffectWithinMs],
    ['an inbox that Chatwoot is still making', CHATWOOT_MS, BRIDGE_LIMITS.lateInboxMs],
    ['an inbox that something before Chatwoot has held back for a minute', 60_000, BRIDGE_LIMITS.lastInboxMs],
  ]);
});

describe('a process that is stopped ends before it is killed', () => {
  const api = API_TIMEOUTS.stop;
  const bridge = BRIDGE_TIMEOUTS.stop;
  const worker = WORKER_TIMEOUTS.stop;
  fits([
    ['the api', api.drainAtMostMs + api.httpGraceMs, SHUTDOWN_DEADLINE_MS - 2_000],
    ['the worker', worker.graceMs + 2 * worker.closeMs, SHUTDOWN_DEADLINE_MS - 2_000],
    [
      'the bridge, which has its leases to give back then',
      bridge.drainMs + bridge.httpGraceMs + bridge.relayGraceMs,
      SHUTDOWN_DEADLINE_MS - 2_000,
    ],
  ]);
});

describe('whoever has taken what is to be told has time for', () => {
  /** The look-up of a name that is checked before it is called, and what is recorded of an attempt. */
  const AROUND_MS = 10_000;
  const SMTP_STEPS = 6;
  fits([
    ['a webhook that stays silent', WORKER_LIMITS.webhookMs + AROUND_MS, WORKER_TIMEOUTS.notifications.claimMs],
    [
      'a mail server that takes its time with every step',
      SMTP_STEPS * WORKER_LIMITS.smtpStepMs + AROUND_MS,
      WORKER_TIMEOUTS.notifications.mailClaimMs,
    ],
    ['the end of what is under way at a stop', WORKER_LIMITS.webhookMs, WORKER_TIMEOUTS.stop.graceMs],
  ]);
});
