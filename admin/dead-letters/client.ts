import {
  type DeadLetter,
  type DeadLetterQuery,
  deadLetterSchema,
  deadLettersSchema,
} from '../../shared/contracts/dead-letters.ts';
import { exchange } from '../../shared/http/exchange.ts';

/** What the bridge says of the messages it set aside; `away` where it cannot be asked, or is one that knows nothing of this. */
export type Asked<Value> =
  | { readonly kind: 'ok'; readonly value: Value }
  | { readonly kind: 'absent' }
  | { readonly kind: 'away' };

export interface DeadLetterClient {
  list(query: DeadLetterQuery): Promise<Asked<{ letters: DeadLetter[]; next: string | undefined }>>;
  get(id: string): Promise<Asked<DeadLetter>>;
  resend(id: string): Promise<Asked<undefined>>;
  discard(id: string): Promise<Asked<undefined>>;
}

const LIMITS = { connectTimeoutMs: 2_000, timeoutMs: 5_000, maxResponseBytes: 1_048_576 };

/** They are in the bridge's database, which may be another one than ours: so the bridge is asked. */
export function createDeadLetterClient({ url, token }: { url: string; token: string }): DeadLetterClient {
  async function ask<Value>(
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    read: (body: unknown) => Value | undefined,
  ): Promise<Asked<Value>> {
    const headers = { authorization: `Bearer ${token}` };
    const answer = await exchange({ method, url: `${url}/v1/dead-letters${path}`, headers, ...LIMITS });
    if (answer.kind === 'failed') return { kind: 'away' };
    if (answer.status === 404 && /dead_letter_not_found/.test(answer.body)) return { kind: 'absent' };
    const value = answer.status >= 200 && answer.status < 300 && !answer.cut ? read(parsed(answer.body)) : undefined;
    return value === undefined ? { kind: 'away' } : { kind: 'ok', value };
  }
  async function act(method: 'POST' | 'DELETE', path: string): Promise<Asked<undefined>> {
    const asked = await ask(method, path, () => true);
    return asked.kind === 'ok' ? { kind: 'ok', value: undefined } : asked;
  }
  const one = (id: string): string => `/${encodeURIComponent(id)}`;

  return {
    list: (query) => {
      const given = Object.entries(query).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
      return ask('GET', `?${new URLSearchParams(given)}`, (body) => {
        const { success, data } = deadLettersSchema.safeParse(body);
        return success ? { letters: data.dead_letters, next: data.next ?? undefined } : undefined;
      });
    },
    get: (id) => ask('GET', one(id), (body) => deadLetterSchema.safeParse(body).data),
    resend: (id) => act('POST', `${one(id)}/resend`),
    discard: (id) => act('DELETE', one(id)),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
