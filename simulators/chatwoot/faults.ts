import type { NextFunction, Request, Response } from 'express';

/** What a fault does to a request that it matches. */
export type FaultAction =
  | { kind: 'status'; status: number; body?: unknown; contentType?: string; headers?: Record<string, string> }
  /** Answers as usual, but later. */
  | { kind: 'delay'; delayMs: number }
  /** Accepts the request and never answers; nothing is done. */
  | { kind: 'hang' }
  /** Cuts the connection; nothing is done. */
  | { kind: 'reset' }
  /** Does the work and never answers: the caller cannot know whether it happened. */
  | { kind: 'hangAfterEffect' }
  /** Does the work and cuts the connection. */
  | { kind: 'resetAfterEffect' }
  /** A proxy that drops headers with an underscore: `api_access_token` is lost, `api-access-token` survives. */
  | { kind: 'dropAuthHeader' }
  /** Sends the headers and the first `bytes` of the body (default half of it), then cuts the connection. */
  | { kind: 'truncateBody'; bytes?: number };

export interface Fault {
  /** Any method where absent. */
  method?: string;
  /** Matched against the path without query; text is the source of a regular expression. Any path where absent. */
  path?: RegExp | string;
  /** How many requests it takes before it is used up; until cleared where absent. */
  times?: number;
  /** How many matching requests pass untouched before it starts. */
  skip?: number;
  action: FaultAction;
}

export interface ActiveFault {
  readonly id: number;
  /** Requests it was applied to. */
  readonly hits: number;
  clear(): void;
}

export interface FaultControl {
  /** Adds a fault; several may match one request, and apply in the order they were added. */
  add(fault: Fault): ActiveFault;
  /** Removes all faults, and lets go of connections that hang. */
  clear(): void;
  list(): { id: number; method: string; path: string; remaining: number | null; hits: number; kind: FaultAction['kind'] }[];
}

interface Entry {
  id: number;
  method: string | null;
  path: RegExp;
  remaining: number;
  skip: number;
  hits: number;
  action: FaultAction;
}

const statusBody = (body: unknown): { text: string; contentType: string } => {
  if (typeof body === 'string') {
    return { text: body, contentType: /^\s*</.test(body) ? 'text/html; charset=utf-8' : 'text/plain; charset=utf-8' };
  }
  return { text: body === undefined ? '' : JSON.stringify(body), contentType: 'application/json; charset=utf-8' };
};

function answer(res: Response, action: Extract<FaultAction, { kind: 'status' }>): void {
  const { text, contentType } = statusBody(action.body);
  res.status(action.status);
  res.setHeader('content-type', action.contentType ?? contentType);
  for (const [name, value] of Object.entries(action.headers ?? {})) res.setHeader(name, value);
  res.end(text);
}

const bytesOf = (chunk: unknown): Buffer =>
  Buffer.isBuffer(chunk) ? chunk : Buffer.from(typeof chunk === 'string' ? chunk : '', 'utf8');

/** Replaces the end of the answer; everything here sends its body with a single `end`. */
function onEnd(res: Response, then: (body: Buffer) => void): void {
  const replacement = (chunk?: unknown): Response => {
    then(bytesOf(chunk));
    return res;
  };
  Object.assign(res, { end: replacement });
}

function truncate(res: Response, bytes: number | undefined): void {
  onEnd(res, (body) => {
    res.setHeader('content-length', Math.max(body.length, 1));
    res.flushHeaders();
    const part = body.subarray(0, bytes ?? Math.floor(body.length / 2));
    if (part.length === 0) res.socket?.destroySoon();
    else res.write(part, () => res.socket?.destroySoon());
  });
}

/** Applies one fault. Returns a wait in milliseconds to go on after, or null when the request ends here. */
function apply(action: FaultAction, req: Request, res: Response): number | null {
  switch (action.kind) {
    case 'status':
      answer(res, action);
      return null;
    case 'hang':
      return null;
    case 'reset':
      req.socket.resetAndDestroy();
      return null;
    case 'delay':
      return action.delayMs;
    case 'hangAfterEffect':
      onEnd(res, () => undefined);
      return 0;
    case 'resetAfterEffect':
      onEnd(res, () => req.socket.resetAndDestroy());
      return 0;
    case 'truncateBody':
      truncate(res, action.bytes);
      return 0;
    case 'dropAuthHeader':
      for (const name of Object.keys(req.headers)) if (name.includes('_')) delete req.headers[name];
      return 0;
  }
}

const holds = (kind: FaultAction['kind']): boolean => kind === 'hang' || kind === 'hangAfterEffect';

/** The switchboard of faults: a control for tests, and the middleware that applies them before anything else sees a request. */
export function createFaults() {
  const entries: Entry[] = [];
  const held = new Set<Request['socket']>();
  const timers = new Set<NodeJS.Timeout>();
  let lastId = 0;

  const remove = (id: number): void => {
    const index = entries.findIndex((entry) => entry.id === id);
    if (index >= 0) entries.splice(index, 1);
  };
  function take(req: Request): Entry[] {
    const matching = entries.filter((entry) => (entry.method ?? req.method) === req.method && entry.path.test(req.path));
    return matching.filter((entry) => {
      if (entry.skip > 0) {
        entry.skip--;
        return false;
      }
      entry.hits++;
      entry.remaining--;
      if (entry.remaining <= 0) remove(entry.id);
      return true;
    });
  }
  function release(): void {
    for (const timer of timers) clearTimeout(timer);
    for (const socket of held) socket.destroy();
    timers.clear();
    held.clear();
  }

  const control: FaultControl = {
    add(fault) {
      lastId++;
      const entry: Entry = {
        id: lastId,
        method: fault.method?.toUpperCase() ?? null,
        path: new RegExp(fault.path ?? '', fault.path instanceof RegExp ? fault.path.flags.replace(/[gy]/g, '') : ''),
        remaining: fault.times ?? Number.POSITIVE_INFINITY,
        skip: fault.skip ?? 0,
        hits: 0,
        action: fault.action,
      };
      entries.push(entry);
      return {
        id: entry.id,
        get hits() {
          return entry.hits;
        },
        clear: () => remove(entry.id),
      };
    },
    clear() {
      entries.length = 0;
      release();
    },
    list: () =>
      entries.map((entry) => ({
        id: entry.id,
        method: entry.method ?? '*',
        path: entry.path.source,
        remaining: Number.isFinite(entry.remaining) ? entry.remaining : null,
        hits: entry.hits,
        kind: entry.action.kind,
      })),
  };

  function middleware(req: Request, res: Response, next: NextFunction): void {
    const applied = take(req);
    if (Array.isArray(res.locals.faults)) res.locals.faults.push(...applied.map((entry) => entry.action.kind));
    let waitMs = 0;
    for (const { action } of applied) {
      if (holds(action.kind)) {
        held.add(req.socket);
        req.socket.once('close', () => held.delete(req.socket));
      }
      const pause = apply(action, req, res);
      if (pause === null) return;
      waitMs += pause;
    }
    if (waitMs === 0) {
      next();
      return;
    }
    const timer = setTimeout(() => {
      timers.delete(timer);
      next();
    }, waitMs);
    timers.add(timer);
  }

  return { control, middleware, release };
}
