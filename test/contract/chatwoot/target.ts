/** One account of one Chatwoot, running or simulated, that is held to the contract. */
export interface Target {
  readonly url: string;
  readonly accountId: number;
  /** Of an administrator. */
  readonly token: string;
  /** Of somebody who is only an agent in the account and sees no inbox; null where there is none. */
  readonly agentToken: string | null;
  /** As `GET /api` tells it. */
  readonly version: string;
  /** How long to wait for what comes by itself: webhooks and deletions. */
  readonly patienceMs: number;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
  /** Undefined where the text is no JSON. */
  readonly body: unknown;
  readonly headers: Headers;
}

export interface CallOptions {
  /** Null for none. */
  readonly token?: string | null;
  readonly headers?: Record<string, string>;
}

const CALL_TIMEOUT_MS = 30_000;

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One request. `path` begins with `/`, or with `@` for the account. Text is sent as it is, and everything but a form as JSON. */
export async function send(
  target: Pick<Target, 'url' | 'accountId' | 'token'>,
  method: string,
  path: string,
  body?: unknown,
  { token = target.token, headers = {} }: CallOptions = {},
): Promise<Answer> {
  const isRaw = body instanceof FormData || typeof body === 'string' || body instanceof Uint8Array;
  const response = await fetch(target.url + path.replace(/^@/, `/api/v1/accounts/${target.accountId}`), {
    method,
    redirect: 'manual',
    headers: {
      accept: 'application/json',
      ...(token === null ? {} : { 'api-access-token': token }),
      ...(body === undefined || body instanceof FormData ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    body: isRaw ? (body as FormData | string | Uint8Array<ArrayBuffer>) : JSON.stringify(body),
    signal: AbortSignal.timeout(CALL_TIMEOUT_MS),
  });
  const text = await response.text();
  const contentType = response.headers.get('content-type') ?? '';
  return { status: response.status, contentType, text, body: parseJson(text), headers: response.headers };
}

/** The version that a Chatwoot tells of itself, to anybody. Throws where there is none. */
export async function versionOf(url: string): Promise<string> {
  const { status, body } = await send({ url, accountId: 0, token: '' }, 'GET', '/api', undefined, { token: null });
  const version = at(body, 'version');
  if (typeof version !== 'string') throw new Error(`${url}/api answers ${status} and tells no version: this is no Chatwoot`);
  return version;
}

/** The value at a path of an answer, which may be missing. */
export function at(value: unknown, ...path: (string | number)[]): unknown {
  return path.reduce<unknown>(
    (inner, key) => (typeof inner === 'object' && inner !== null ? Reflect.get(inner, key) : undefined),
    value,
  );
}

/** The items of a list at a path, or none. */
export function listAt(value: unknown, ...path: (string | number)[]): unknown[] {
  const list = at(value, ...path);
  return Array.isArray(list) ? list : [];
}
