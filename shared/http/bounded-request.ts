import type { OptionsInit } from 'got';

/**
 * What every call of Ponte to somebody else has in common: one exchange, never repeated by the library, never redirected, never
 * decompressed (an answer could be a thousand times what is read from the wire), and bounded in time at each step.
 */
export const boundedOptions = (times: {
  /** For each step until a connection stands: look-up, TCP, TLS. */
  connectTimeoutMs: number;
  /** From the end of the request to the first byte of the answer; unset, only the whole is bounded. */
  responseTimeoutMs?: number;
  /** The exchange as a whole. */
  timeoutMs: number;
}) =>
  ({
    decompress: false,
    followRedirect: false,
    throwHttpErrors: false,
    retry: { limit: 0 },
    timeout: {
      lookup: times.connectTimeoutMs,
      connect: times.connectTimeoutMs,
      secureConnect: times.connectTimeoutMs,
      response: times.responseTimeoutMs,
      request: times.timeoutMs,
    },
  }) satisfies OptionsInit;

/** For servers that would compress unasked; see {@link boundedOptions}. */
export const UNCOMPRESSED = { 'accept-encoding': 'identity' } as const;

/** Reads at most `limit` bytes of an answer; `cut` when there was more. */
export async function readAtMost(stream: AsyncIterable<Buffer>, limit: number): Promise<{ bytes: Buffer; cut: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of stream) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > limit) break;
  }
  return { bytes: Buffer.concat(chunks).subarray(0, limit), cut: size > limit };
}

/** What a failed connection says of itself. Where a name has several addresses the reasons are those of each, and the error is silent. */
export function connectionReason(error: Error): string {
  const { cause } = error;
  const reasons = cause instanceof AggregateError ? cause.errors.map((part) => (part instanceof Error ? part.message : '')) : [];
  return error.message || reasons.filter((reason) => reason !== '').join('; ');
}

/** Seconds of a `Retry-After` header, which is a number of seconds or a date; undefined when it is neither. */
export function parseRetryAfter(header: string | undefined, now: number = Date.now()): number | undefined {
  if (header === undefined || header.trim() === '') return undefined;
  const seconds = /^\s*\d{1,9}\s*$/.test(header) ? Number(header) : Math.ceil((Date.parse(header) - now) / 1_000);
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}
