import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';

const REQUEST_TIMEOUT_MS = 70_000;

export interface Answer {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** A client of the public HTTP api, as any customer would write it. */
export function createClient(baseUrl: string, token: string) {
  return async (method: 'GET' | 'POST' | 'DELETE', path: string, body?: object): Promise<Answer> => {
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      headers: { token, ...(body ? { 'content-type': 'application/json' } : {}) },
      body: body ? JSON.stringify(body) : undefined,
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    return { status: response.status, body: z.record(z.string(), z.unknown()).parse(await response.json()) };
  };
}

/** Asks until `found` answers something, for at most `timeoutMs`. */
export async function eventually<Value>(found: () => Promise<Value | undefined>, timeoutMs: number): Promise<Value | undefined> {
  for (const deadline = Date.now() + timeoutMs; ; await delay(100)) {
    const value = await found();
    if (value !== undefined || Date.now() > deadline) return value;
  }
}
