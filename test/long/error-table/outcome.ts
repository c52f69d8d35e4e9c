import { expect } from 'vitest';
import type { Answer, Stack } from '../../support/stack.ts';
import { waitFor } from '../../support/wait-for.ts';
import type { Expected } from './row.ts';

const DEFAULT_WITHIN_MS = 10_000;

/** What a client was told, after how long, and how often it was tried meanwhile. */
export interface Outcome {
  readonly expected: Expected;
  readonly answer: Answer;
  readonly tookMs: number;
  readonly tries: number | undefined;
}

/** Makes an instance as a customer does, who tries again what was answered 503. */
export async function newInstance(stack: Stack, token: string, name: string): Promise<{ id: string; token: string }> {
  const answer = await waitFor(async () => {
    const made = await stack.request({ path: '/api/instance/new', token, body: { name } });
    return made.status === 503 ? undefined : made;
  });
  expect(answer.status).toBe(201);
  // Held against the contract by the tests of the api.
  return answer.body.instance as { id: string; token: string };
}

/** The first activation warms the processes up: on a busy machine it may take more than one try, and is no measure of anything. */
export async function warmUp(stack: Stack, { token, body }: { token: string; body: unknown }): Promise<void> {
  await newInstance(stack, token, 'warm');
  const set = () => stack.request({ path: '/api/chatwoot/set/warm', token, body });
  await waitFor(async () => (await set()).status === 201, { describe: 'the first activation' });
}

/** Calls `set` and looks at how often that was tried. */
export async function play(stack: Stack, request: { instance: string; token: string; body: unknown; expected: Expected }) {
  const { instance, token, body, expected } = request;
  const startedAt = performance.now();
  const answer = await stack.request({ path: `/api/chatwoot/set/${instance}`, token, body });
  const tookMs = performance.now() - startedAt;
  const history = await stack.request({ method: 'GET', path: `/api/chatwoot/activations/${instance}`, token });
  // Held against the contract by the tests of the api.
  const [activation] = history.body.activations as { attempt: number }[];
  return { expected, answer, tookMs, tries: activation?.attempt } satisfies Outcome;
}

export function expectOutcome(outcome: Outcome | undefined): void {
  if (outcome === undefined) throw new Error('this row was not played');
  const { expected, answer, tookMs, tries } = outcome;
  if (expected.code === undefined) {
    expect(answer).toMatchObject({ status: expected.status, body: { status: 'active' } });
  } else {
    const { code, message } = expected;
    expect({ status: answer.status, body: answer.body }).toEqual({
      status: expected.status,
      body: { success: false, error: { code, message: message instanceof RegExp ? expect.stringMatching(message) : message } },
    });
  }
  expect(answer.headers.get('retry-after')).toBe(expected.retryAfter ?? null);
  if (expected.tries !== 'any') expect(tries).toBe(expected.tries ?? 1);
  expect(tookMs).toBeLessThan(expected.withinMs ?? DEFAULT_WITHIN_MS);
}
