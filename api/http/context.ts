import type { Request, Response } from 'express';
import type { Logger } from '../../shared/logging/logger.ts';
import type { Caller } from '../auth/caller.ts';

/** What the first handlers find out about a request and the later ones need; lives in `response.locals`. */
export interface Locals extends Record<string, unknown> {
  requestId: string;
  /** When the request arrived, in milliseconds since 1970: deadlines count from here. */
  receivedAtMs: number;
  /** Carries the request id. */
  log: Logger;
  /** Set on every path under /api. */
  caller?: Caller;
}

export type ApiRequest = Request;
export type ApiResponse = Response<unknown, Locals>;
export type Handler = (request: ApiRequest, response: ApiResponse) => Promise<void> | void;
export type Middleware = (request: ApiRequest, response: ApiResponse, next: () => void) => Promise<void> | void;
