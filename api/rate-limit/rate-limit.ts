import type { RequestHandler, Response } from 'express';
import { ipKeyGenerator, MemoryStore, rateLimit } from 'express-rate-limit';
import { hashToken } from '../../shared/auth/tokens.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Logger } from '../../shared/logging/logger.ts';
import type { Caller } from '../auth/caller.ts';
import type { ApiRequest, ApiResponse } from '../http/context.ts';
import { createSharedStore } from './shared-store.ts';

export interface RateLimit {
  readonly middleware: RequestHandler;
  /** Before the first request, or that is not counted where the others are. Ends within a second, also when Redis is away. */
  start(): Promise<void>;
  stop(): void;
}

const WINDOW_MS = 60_000;
const PREFIX = 'ponte:rate:';
/** RyzeAPI allows 100 requests a minute, and 20 where instances are created. */
const CREATE_SHARE = 1 / 5;
/** Events are not requests of a customer: refusing one only brings it back, so their limit is there for an engine gone mad. */
const EVENTS_FACTOR = 60;

type Scope = 'all' | 'create' | 'events';

/**
 * Limits requests in a fixed window of a minute by token, or by address for those without a valid one. Sets `X-RateLimit-Limit`,
 * `X-RateLimit-Remaining` and `X-RateLimit-Reset` (Unix seconds); over the limit it throws PonteError `rate_limited`. The bridge is not
 * limited. Runs after the caller was identified. With `redisUrl` all processes share the count.
 */
export function createRateLimit(deps: { perMinute: number; redisUrl: string | undefined; logger: Logger }): RateLimit {
  const { perMinute, redisUrl, logger } = deps;
  const limits: Readonly<Record<Scope, number>> = {
    all: perMinute,
    create: Math.max(1, Math.round(perMinute * CREATE_SHARE)),
    events: perMinute * EVENTS_FACTOR,
  };
  const shared = redisUrl === undefined ? undefined : createSharedStore({ redisUrl, prefix: PREFIX, logger });
  const memory = shared === undefined ? new MemoryStore() : undefined;

  return {
    middleware: rateLimit({
      windowMs: WINDOW_MS,
      store: shared ?? memory,
      limit: (request) => limits[scopeOf(request)],
      keyGenerator: (request, response) => keyOf(request, callerOf(response)),
      skip: (_request, response) => callerOf(response)?.kind === 'bridge',
      legacyHeaders: true,
      standardHeaders: false,
      handler: () => {
        throw new PonteError('rate_limited');
      },
    }),
    start: async () => shared?.connect(),
    stop() {
      shared?.stop();
      memory?.shutdown();
    },
  };
}

// The library's types know nothing of what is in our `locals`.
const callerOf = (response: Response): Caller | undefined => (response as ApiResponse).locals.caller;

/** `path` is below /api; Express takes a path in any case, and with a slash at its end. */
function scopeOf({ method, path }: { method: string; path: string }): Scope {
  const plain = path.toLowerCase().replace(/\/+$/, '');
  if (method === 'POST' && plain === '/instance/new') return 'create';
  return plain.startsWith('/events/') ? 'events' : 'all';
}

/** The key of an engine's door; undefined on any other path. */
const doorKeyOf = ({ path }: { path: string }): string | undefined => /^\/events\/engine\/([^/]+)/i.exec(path)?.[1];

/** Tokens are counted under their hash: whoever can read Redis must not find them there. */
function keyOf(request: ApiRequest, caller: Caller | undefined): string {
  const scope = scopeOf(request);
  // An engine's other headers say nothing of whose events it delivers. Whoever guesses keys is stopped at the door.
  const key = doorKeyOf(request);
  if (key !== undefined) return `${scope}:token:${hashToken(key)}`;
  if (caller?.kind === 'account' || caller?.kind === 'instance') return `${scope}:token:${caller.tokenHash}`;
  const { token } = request.query;
  // An engine may carry its token in the address of the ingest; it is looked up only there.
  if (scope === 'events' && (caller?.kind === 'anonymous' || caller?.kind === 'unknown') && typeof token === 'string')
    return `${scope}:token:${hashToken(token)}`;
  return `${scope}:address:${ipKeyGenerator(request.ip ?? 'unknown', 64)}`;
}
