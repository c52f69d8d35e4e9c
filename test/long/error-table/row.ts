import type { ChatwootSimulator } from '../../../simulators/chatwoot/index.ts';

/** What a row of the table works with: an instance and a Chatwoot account that no other row touches. */
export interface RowWorld {
  readonly chatwoot: ChatwootSimulator;
  readonly account: number;
  /** `POST` here makes an inbox in that account; it stands in error texts. */
  readonly inboxesUrl: string;
  /** Has requests for inboxes of that account fail; for all of them, unless told how many. */
  fault(action: FaultAction, options?: { times?: number; method?: string }): void;
}

export type FaultAction = Parameters<ChatwootSimulator['faults']['add']>[0]['action'];

export interface Expected {
  readonly status: number;
  /** Absent for a success. */
  readonly code?: string;
  /** The whole text, to the letter; a pattern only where a duration stands in it. */
  readonly message?: string | RegExp;
  readonly retryAfter?: string;
  /** How often it was tried; once unless told, and `any` where only the deadline limits it. */
  readonly tries?: number | 'any';
  /** How long the client may have been kept waiting; 5 s unless told. */
  readonly withinMs?: number;
}

/** One line of the error table: what is wrong, and exactly what the client of `set` is told. */
export interface Row {
  readonly title: string;
  /** Which Chatwoot: the current one, one whose texts are in Portuguese, or one from before 4.3.0. */
  readonly release?: 'current' | 'portuguese' | 'old';
  /** Makes it go wrong, and answers what the body of the request has different and what must come of it. */
  arrange(world: RowWorld): Arranged | Promise<Arranged>;
}

export interface Arranged {
  readonly body?: Readonly<Record<string, unknown>>;
  readonly expected: Expected;
}

export const ACTIVATED: Expected = { status: 201 };
export const ACTIVATED_AT_LAST: Expected = { status: 201, tries: 2 };

/** Of the api under test. Short, because some failures are tried again for as long as it lasts. */
export const DEADLINE_MS = 14_000;
/** Of such a failure. */
export const WHOLE_DEADLINE = { tries: 'any', withinMs: DEADLINE_MS + 500 } as const;
/** Of one that is tried so often, with pauses of at most half a second, a second and two seconds. */
export const tried = (tries: 2 | 3 | 4) => ({ tries, withinMs: 13_000 }) as const;
