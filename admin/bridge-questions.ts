import type { z } from 'zod';
import { exchange } from '../shared/http/exchange.ts';
import { parseJson } from '../shared/http/parse-json.ts';

/** What the bridge says; `absent` where it has no such thing, `away` where it cannot be asked, or is one that knows nothing of this. */
export type Asked<Value> =
  | { readonly kind: 'ok'; readonly value: Value }
  | { readonly kind: 'absent' }
  | { readonly kind: 'away' };

export interface Question<Schema extends z.ZodType> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly json?: unknown;
  /** Code of the error that says that there is no such thing. */
  readonly absentCode?: string;
  readonly answer: Schema;
}
export type AskBridge = <Schema extends z.ZodType>(question: Question<Schema>) => Promise<Asked<z.output<Schema>>>;

const LIMITS = { connectTimeoutMs: 2_000, timeoutMs: 5_000, maxResponseBytes: 1_048_576 };

/** Asks the bridge for what its database holds, which may be another one than ours. A page waits for it: five seconds, no more. */
export function createAskBridge({ url, token }: { url: string; token: string }): AskBridge {
  return async ({ method, path, json, absentCode, answer }) => {
    const headers = { authorization: `Bearer ${token}` };
    const got = await exchange({ method, url: `${url}${path}`, headers, json, ...LIMITS });
    if (got.kind === 'failed' || got.cut) return { kind: 'away' };
    if (got.status === 404 && absentCode !== undefined && got.body.includes(absentCode)) return { kind: 'absent' };
    if (got.status < 200 || got.status >= 300) return { kind: 'away' };
    const { success, data } = answer.safeParse(parseJson(got.body));
    return success ? { kind: 'ok', value: data } : { kind: 'away' };
  };
}
