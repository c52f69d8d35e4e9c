import type { z } from 'zod';
import type { ErrorCode } from '../../shared/errors/catalogue.ts';

/** One endpoint as the OpenAPI document tells of it. */
export interface Operation {
  readonly method: 'get' | 'post' | 'patch' | 'delete';
  /** With `{instance}` for a parameter. */
  readonly path: string;
  readonly id: string;
  readonly tag: 'Chatwoot' | 'Instances' | 'Messages' | 'Webhooks' | 'Health';
  readonly summary: string;
  readonly description: string;
  /** `account`: only the TokenAccount will do. `engine`: also `?token=`. */
  readonly caller: 'customer' | 'account' | 'engine' | 'anybody';
  readonly parameters?: readonly Parameter[];
  readonly body?: z.ZodType;
  /** What a first try sends, wherever there is a body: it fills in the form of the reference, and the request of the Postman collection. */
  readonly example?: Readonly<Record<string, unknown>>;
  readonly answers: readonly Answer[];
  /** What can go wrong beyond what its caller, its path and its body already bring with them. */
  readonly errors: readonly ErrorCode[];
}

export interface Parameter {
  readonly in: 'header' | 'query' | 'path';
  readonly name: string;
  readonly description: string;
  readonly schema: Readonly<Record<string, unknown>>;
}

export interface Answer {
  readonly status: number;
  readonly description: string;
  readonly schema: z.ZodType;
  /** Name and description of the headers only this answer has. */
  readonly headers?: Readonly<Record<string, string>>;
}
