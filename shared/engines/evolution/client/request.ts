import { exchange, type HttpResult } from '../../../http/exchange.ts';
import type { EngineCall } from '../../engine.ts';
import { CONNECT_TIMEOUT_MS, MEBIBYTE } from '../../limits.ts';

interface EvolutionRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** What comes before the instance's name: `/message/sendText`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly json?: unknown;
  /** Beside what the call itself may take: the engine waits so long before it acts. */
  readonly delayMs?: number;
  readonly maxResponseBytes?: number;
}

/** One call of Evolution's REST API about an instance. Never rejects. */
export function request({ access, instance, timeoutMs }: EngineCall, asked: EvolutionRequest): Promise<HttpResult> {
  const query = asked.query === undefined ? '' : `?${new URLSearchParams(asked.query)}`;
  return exchange({
    method: asked.method,
    url: `${access.url}${asked.path}/${encodeURIComponent(instance)}${query}`,
    headers: { apikey: access.token },
    json: asked.json,
    timeoutMs: timeoutMs + (asked.delayMs ?? 0),
    maxResponseBytes: asked.maxResponseBytes ?? MEBIBYTE,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    route: access.route,
  });
}
