import { STATUS_CODES } from 'node:http';
import { type Backoff, backoffMs } from '../../shared/backoff.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { Keyring } from '../../shared/encryption/keyring.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { exchange, type HttpFailure, type HttpResult } from '../../shared/http/exchange.ts';
import type { GuardedAgents } from '../../shared/http/guarded-agents.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import { makeEvent } from '../../shared/notifications/make-event.ts';
import { createTurns, type Turns } from '../../shared/turns.ts';
import { createUnderWay } from '../../shared/under-way.ts';
import { WORKER_LIMITS, type WorkerTimeouts } from '../timeouts.ts';
import {
  type AttemptResult,
  type ClaimedDelivery,
  claimDeliveries,
  noteFailing,
  noteWorking,
  settleDelivered,
  settleFailed,
} from './queries/deliveries.ts';
import { signedHeaders } from './sign.ts';

/** At a time, in each worker; and of one endpoint, so that one that is slow takes no more of them than these. */
const MOST = 50;
const PER_ENDPOINT = 2;
const PAUSES: Backoff = { firstMs: 5_000, maxMs: 3 * 3_600_000 };
/** Tried for so long; and an endpoint that has taken nothing for so long is disabled. */
const TRY_FOR_MS = 86_400_000;
const DISABLE_AFTER_MS = 5 * 86_400_000;
const RETRY_MS = 2_000;
const CONNECT_TIMEOUT_MS = 5_000;
/** What a receiver says is of no use to us. */
const MAX_RESPONSE_BYTES = 1_024;

/**
 * Delivers events to the webhooks of accounts: every worker takes what is due, none waits for another's receiver, and one that died has what it
 * had taken delivered by another when its claim has run out. Receivers may get an event more than once, and in any order.
 */
export function createWebhookDelivery(deps: {
  prisma: PrismaClient;
  keyring: Keyring;
  agents: GuardedAgents;
  baseUrl: string;
  timeouts: WorkerTimeouts['notifications'];
  logger: Logger;
}): Turns {
  const { prisma, keyring, agents, baseUrl, logger, timeouts } = deps;
  const underWay = createUnderWay();

  async function post(delivery: ClaimedDelivery): Promise<HttpResult | 'unreadable'> {
    const event = makeEvent(delivery, baseUrl);
    if (event === undefined) return 'unreadable';
    const url = new URL(delivery.url);
    const content = JSON.stringify(event);
    const context = { purpose: 'notification-secret', owner: delivery.endpointId } as const;
    const envelopes = [delivery.secret, delivery.previousSecret].filter((envelope) => envelope !== null);
    const secrets = envelopes.map((envelope) => keyring.decrypt(envelope, context));
    return exchange({
      method: 'POST',
      url: url.href,
      headers: signedHeaders(content, delivery.eventId, secrets),
      body: { contentType: 'application/json', content: Buffer.from(content) },
      route: await agents.route(url, { fresh: true }),
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      timeoutMs: WORKER_LIMITS.webhookMs,
      maxResponseBytes: MAX_RESPONSE_BYTES,
    });
  }

  async function run(delivery: ClaimedDelivery): Promise<void> {
    const { endpointId, eventId, type, attempts, pendingMs } = delivery;
    const log = logger.child({ endpointId, eventId, type, attempt: attempts });
    const answer = await post(delivery).catch(unsigned);
    if (answer === 'unreadable') {
      // A newer version wrote it, and will find it when its claim has run out.
      log.warn('an event could not be read by this version');
      return;
    }
    const result = resultOf(answer);
    if (answer.kind === 'response' && isSuccess(answer.status)) {
      await settleDelivered(prisma, delivery, result);
      await noteWorking(prisma, endpointId);
      log.debug('an event was delivered');
      return;
    }
    const askedMs = answer.kind === 'response' ? (answer.retryAfterSeconds ?? 0) * 1_000 : 0;
    const delayMs = Math.min(PAUSES.maxMs, Math.max(backoffMs(PAUSES, attempts), askedMs));
    const goesOn = pendingMs + delayMs <= TRY_FOR_MS;
    await settleFailed(prisma, delivery, result, goesOn ? delayMs : undefined);
    const isDisabled = await noteFailing(prisma, endpointId, { detail: result.detail, disableAfterMs: DISABLE_AFTER_MS });
    if (isDisabled) log.warn({ reason: result.detail }, 'a webhook is disabled: nothing could be delivered for days');
    else log.info({ reason: result.detail, retryInMs: goesOn ? delayMs : undefined }, 'an event could not be delivered');
  }

  function begin(delivery: ClaimedDelivery): void {
    const running = run(delivery).catch((error: unknown) => {
      // Its claim runs out, and somebody takes it again.
      logger.warn({ endpointId: delivery.endpointId, reason: String(error) }, 'a delivery could not be recorded');
    });
    void underWay.begin(running).then(turns.wake);
  }

  const turns = createTurns({
    work: async () => {
      const limit = MOST - underWay.size;
      const claim = { limit, perEndpoint: PER_ENDPOINT, claimMs: timeouts.claimMs };
      for (const delivery of limit > 0 ? await claimDeliveries(prisma, claim) : []) begin(delivery);
      return timeouts.everyMs;
    },
    onError: (error) => {
      logger.warn({ reason: String(error) }, 'no event could be looked for, trying again');
      return RETRY_MS;
    },
  });

  return underWay.endingWith(turns);
}

/** What decrypting says: a key is missing for as long as the operator lets it be missing. */
function unsigned(error: unknown): HttpFailure {
  if (!(error instanceof PonteError)) throw error;
  return { kind: 'failed', sent: false, code: error.code, message: 'it could not be signed: its secret cannot be decrypted' };
}

const isSuccess = (status: number): boolean => status >= 200 && status < 300;

function resultOf(answer: HttpResult): AttemptResult {
  if (answer.kind === 'failed') return { status: undefined, detail: answer.message.slice(0, DETAIL_LENGTH) };
  const { status, location } = answer;
  const detail = `HTTP ${status} ${STATUS_CODES[status] ?? ''}`.trim();
  return { status, detail: location === undefined ? detail : `${detail}: redirects are not followed` };
}

const DETAIL_LENGTH = 300;
