import { IDEMPOTENCY_KEY_HEADER } from '../../shared/contracts/bridge.ts';
import { exchange, FRESH_CONNECTION } from '../../shared/http/exchange.ts';
import { API_LIMITS } from '../timeouts.ts';
import type { Engine } from './engine-directory.ts';
import { failureOf, fieldsOf, refusalOf, refused, unreachable } from './engine-errors.ts';

export interface EngineSend {
  readonly engine: Engine;
  /** Name of the instance in the engine. */
  readonly instance: string;
  readonly kind: 'text' | 'media';
  readonly body: Readonly<Record<string, unknown>>;
  /** Seconds the engine was asked to wait before it sends. */
  readonly delaySeconds: number;
  /** Passed on: an engine that knows it sends once, others ignore it. */
  readonly idempotencyKey: string | undefined;
}

export interface EngineClient {
  /**
   * Sends once; answers what the engine answered. Throws PonteError `engine_unreachable`, `engine_not_connected`, `engine_rate_limited`
   * (nothing was sent, another try can help), `engine_refused` (nothing was sent), or `engine_outcome_unknown`.
   */
  send(message: EngineSend): Promise<Record<string, unknown>>;
  /** The file of a message, as the engine answers it (`mime_type`, `media_type`, `base64`). Throws the same errors but the last. */
  media(call: { engine: Engine; instance: string; messageId: string }): Promise<string>;
  /** Resolves when no message is on its way any more, or after `deadlineMs`. */
  idle(deadlineMs: number): Promise<void>;
}

const TIMEOUT_MS = { text: API_LIMITS.sendTextMs, media: API_LIMITS.sendMediaMs } as const;
const ONCE = { connectTimeoutMs: 5_000, route: FRESH_CONNECTION };
const LONGEST_DELAY_SECONDS = 60;
const MEBIBYTE = 1_048_576;
/** A file of 64 MiB, in base64. */
const MAX_MEDIA_BYTES = 90 * MEBIBYTE;
const IDLE_POLL_MS = 50;

/** RyzeAPI's message endpoints, as an engine offers them. */
export function createEngineClient(): EngineClient {
  let running = 0;

  async function send(message: EngineSend): Promise<Record<string, unknown>> {
    const { engine, instance, kind, body, delaySeconds, idempotencyKey } = message;
    const reply = await exchange({
      method: 'POST',
      url: `${engine.url}/api/message/${kind}/${encodeURIComponent(instance)}`,
      headers: {
        token: engine.token,
        ...(idempotencyKey === undefined ? {} : { [IDEMPOTENCY_KEY_HEADER]: idempotencyKey }),
      },
      json: body,
      timeoutMs: TIMEOUT_MS[kind] + Math.min(delaySeconds, LONGEST_DELAY_SECONDS) * 1_000,
      maxResponseBytes: MEBIBYTE,
      ...ONCE,
    });
    if (reply.kind === 'failed') throw failureOf(reply, engine);
    const refusal = refusalOf(reply, engine);
    if (refusal) throw refusal;
    return fieldsOf(reply.body.replaceAll(engine.token, '[redacted]')) ?? {};
  }

  return {
    async send(message) {
      running += 1;
      try {
        return await send(message);
      } finally {
        running -= 1;
      }
    },

    async media({ engine, instance, messageId }) {
      const reply = await exchange({
        method: 'GET',
        url: `${engine.url}/api/chat/base64/${encodeURIComponent(instance)}?messageId=${encodeURIComponent(messageId)}`,
        headers: { token: engine.token },
        timeoutMs: API_LIMITS.fetchMediaMs,
        maxResponseBytes: MAX_MEDIA_BYTES,
        ...ONCE,
      });
      // To read is not to change anything: whether the engine heard us does not matter.
      if (reply.kind === 'failed') throw unreachable(engine, reply.message);
      if (reply.cut) throw refused('the file is larger than 64 MiB', engine);
      const refusal = refusalOf(reply, engine);
      if (refusal) throw refusal.code === 'engine_outcome_unknown' ? unreachable(engine, `HTTP ${reply.status}`) : refusal;
      return reply.body;
    },

    async idle(deadlineMs) {
      const endsAtMs = Date.now() + deadlineMs;
      while (running > 0 && Date.now() < endsAtMs) await new Promise((resolve) => setTimeout(resolve, IDLE_POLL_MS));
    },
  };
}
