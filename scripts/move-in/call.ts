import type { z } from 'zod';
import { exchange, type HttpRequest } from '../../shared/http/exchange.ts';
import { parseJson } from '../../shared/http/parse-json.ts';

const CONNECT_TIMEOUT_MS = 10_000;
const MAX_ANSWER_BYTES = 32 * 1_048_576;
const SHOWN_LENGTH = 300;

/** Something that keeps an instance from being moved, in words for whoever moves it. */
export class Obstacle extends Error {
  /** What the other side answered, where it did. */
  readonly status: number | undefined;

  constructor(message: string, status?: number) {
    super(message);
    this.status = status;
  }
}

export interface Call {
  readonly method: HttpRequest['method'];
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly json?: unknown;
  readonly timeoutMs?: number;
}

/** One exchange in JSON. `who` is what the other side is called in the texts of the Obstacle that is thrown unless it says yes. */
export async function ask<Schema extends z.ZodType>(who: string, schema: Schema, call: Call): Promise<z.output<Schema>> {
  const reply = await exchange({
    timeoutMs: 60_000,
    ...call,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    maxResponseBytes: MAX_ANSWER_BYTES,
  });
  if (reply.kind === 'failed') throw new Obstacle(`${who} does not answer: ${reply.message}`);
  if (reply.status < 200 || reply.status > 299)
    throw new Obstacle(`${who} answered ${reply.status}: ${shown(reply.body)}`, reply.status);
  const parsed = schema.safeParse(parseJson(reply.body));
  if (!parsed.success) throw new Obstacle(`${who} answered something unexpected: ${shown(reply.body)}`);
  return parsed.data;
}

const shown = (body: string): string => body.replace(/\s+/g, ' ').slice(0, SHOWN_LENGTH);
