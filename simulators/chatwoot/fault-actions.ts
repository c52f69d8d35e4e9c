import type { Request, Response } from 'express';
import type { Trouble, TroubleEffect } from './trouble.ts';

/** What a fault does to a request that it matches. */
export type FaultAction =
  | { kind: 'status'; status: number; body?: unknown; contentType?: string; headers?: Record<string, string> }
  /** Answers as usual, but later. */
  | { kind: 'delay'; delayMs: number }
  /** Accepts the request and never answers; nothing is done. */
  | { kind: 'hang' }
  /** Cuts the connection; nothing is done. */
  | { kind: 'reset' }
  /** Does the work, and answers later: whoever else asks sees it before. */
  | { kind: 'delayAfterEffect'; delayMs: number }
  /** Does the work and never answers: the caller cannot know whether it happened. */
  | { kind: 'hangAfterEffect' }
  /** Does the work and cuts the connection. */
  | { kind: 'resetAfterEffect' }
  /** A proxy that drops headers with an underscore: `api_access_token` is lost, `api-access-token` survives. */
  | { kind: 'dropAuthHeader' }
  /** Sends the headers and the first `bytes` of the body (default half of it), then cuts the connection. */
  | { kind: 'truncateBody'; bytes?: number }
  /** Something behind Chatwoot fails: it answers, and stores or not, as it does then. `afterMs` is how long that takes; default 0. */
  | { kind: 'trouble'; trouble: Trouble; afterMs?: number };

export interface FaultTools {
  /** What a request in some trouble is answered; null where it goes through. */
  troubleOf(trouble: Trouble, req: Request): TroubleEffect | null;
  /** Runs something later, unless the faults are let go of before. */
  later(afterMs: number, then: () => void): void;
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

/** Lets the work be done, and holds the answer back. */
function answerLate(res: Response, delayMs: number, later: FaultTools['later']): void {
  const end = res.end.bind(res);
  onEnd(res, (body) => later(delayMs, () => end(body)));
}

/** Lets the work be done, and then answers something else; a refusal of the request itself stays as it is. */
function answerInstead(res: Response, effect: TroubleEffect, afterMs: number, later: FaultTools['later']): void {
  const end: unknown = res.end;
  if (typeof end !== 'function') return;
  const replacement = (...args: unknown[]): unknown => {
    Object.assign(res, { end });
    if (res.statusCode >= 400) return Reflect.apply(end, res, args);
    later(afterMs, () => {
      res.removeHeader('content-length');
      answer(res, { kind: 'status', ...effect });
    });
    return res;
  };
  Object.assign(res, { end: replacement });
}

function applyTrouble(
  action: Extract<FaultAction, { kind: 'trouble' }>,
  req: Request,
  res: Response,
  tools: FaultTools,
): number | null {
  const effect = tools.troubleOf(action.trouble, req);
  if (effect === null) return 0;
  const afterMs = action.afterMs ?? 0;
  if (!effect.stored) {
    tools.later(afterMs, () => answer(res, { kind: 'status', ...effect }));
    return null;
  }
  if (effect.losesJobs) res.locals.losesJobs = true;
  if (action.trouble === 'storageFull') res.locals.storageFull = true;
  answerInstead(res, effect, afterMs, tools.later);
  return 0;
}

/** Applies one fault. Returns a wait in milliseconds to go on after, or null when the request ends here. */
export function applyFault(action: FaultAction, req: Request, res: Response, tools: FaultTools): number | null {
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
    case 'delayAfterEffect':
      answerLate(res, action.delayMs, tools.later);
      return 0;
    case 'hangAfterEffect':
      onEnd(res, () => undefined);
      return 0;
    case 'resetAfterEffect':
      onEnd(res, () => req.socket.resetAndDestroy());
      return 0;
    case 'truncateBody':
      truncate(res, action.bytes);
      return 0;
    case 'trouble':
      return applyTrouble(action, req, res, tools);
    case 'dropAuthHeader':
      for (const name of Object.keys(req.headers)) if (name.includes('_')) delete req.headers[name];
      return 0;
  }
}

/** Whether a fault leaves its caller waiting. */
export const leavesHanging = (kind: FaultAction['kind']): boolean => kind === 'hang' || kind === 'hangAfterEffect';
