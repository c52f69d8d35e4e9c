import { z } from 'zod';

const REQUEST_TIMEOUT_MS = 10_000;

/** Where an engine's own Chatwoot integration writes, and what opens it. */
export interface ChatwootAccount {
  readonly url: string;
  readonly accountId: string | number;
  readonly token: string;
}

export const idSchema = z.looseObject({ id: z.number() });
export const listOf = z.looseObject({ payload: z.array(z.looseObject({ id: z.number() })) });

/** One call of Chatwoot's API, as an engine's own integration makes it. Rejects for whatever is no success. */
export async function askChatwoot<Schema extends z.ZodType>(
  { url, accountId, token }: ChatwootAccount,
  schema: Schema,
  method: string,
  path: string,
  body?: unknown,
): Promise<z.output<Schema>> {
  const response = await fetch(`${url}/api/v1/accounts/${accountId}${path}`, {
    method,
    headers: { 'api-access-token': token, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  });
  if (!response.ok) throw new Error(`Chatwoot answered ${response.status} to ${path}: ${await response.text()}`);
  return schema.parse(await response.json());
}

/** Does what comes under one key one after the other, as the engines do for each chat. */
export function createTurnsByKey(): (key: string, work: () => Promise<void>) => Promise<void> {
  const last = new Map<string, Promise<void>>();
  return (key, work) => {
    const turn = (last.get(key) ?? Promise.resolve()).then(work);
    const settled = turn.catch(() => undefined);
    last.set(key, settled);
    return turn;
  };
}
