import type { Request } from 'express';
import type { Features } from './features.ts';
import { RAILS_JSON } from './replies.ts';

/**
 * What goes wrong behind Chatwoot. Chatwoot answers all of it in JSON, mostly after the record is stored: seen on running ones whose database,
 * Redis and disk were taken away.
 */
export const troubles = [
  /** The database gives up on a statement after 14 s, before the row of a message. */
  'statementTimeout',
  /** The same on a statement that comes after the row. */
  'statementTimeoutAfterRow',
  /** A request that takes longer than 15 s is ended. */
  'requestTimeout',
  /** The connection to the database was ended by its administrator. */
  'databaseEnded',
  'databaseRefuses',
  'redisRefuses',
  'redisHangs',
  /** Redis takes no writes any more. */
  'redisFull',
  /** No space left for files. */
  'storageFull',
] as const;
export type Trouble = (typeof troubles)[number];

export interface TroubleEffect {
  status: number;
  contentType?: string;
  body: unknown;
  /** Whether the work is done all the same. */
  stored: boolean;
  /** Whether the jobs of that work are lost, and its webhooks with them. */
  losesJobs: boolean;
}

type Call = 'message' | 'conversation' | 'contact' | 'inbox' | 'write' | 'read';

const calls: [Call, RegExp][] = [
  ['message', /^\/api\/v1\/accounts\/[^/]+\/conversations\/[^/]+\/messages\/?$/],
  ['conversation', /^\/api\/v1\/accounts\/[^/]+\/conversations\/?$/],
  ['contact', /^\/api\/v1\/accounts\/[^/]+\/contacts\/?$/],
  ['inbox', /^\/api\/v1\/accounts\/[^/]+\/inboxes\/?$/],
];

function callOf(req: Pick<Request, 'method' | 'path'>): Call {
  if (req.method === 'GET') return 'read';
  return (req.method === 'POST' ? calls.find(([, path]) => path.test(req.path))?.[0] : undefined) ?? 'write';
}

const refused = (error: string) => ({ status: 422, body: { error } });
const crashed = { status: 500, contentType: RAILS_JSON, body: { status: 500, error: 'Internal Server Error' } };

const texts = {
  canceled: 'PG::QueryCanceled: ERROR:  canceling statement due to statement timeout\n',
  tookTooLong: 'The request took too long to complete. Please try again.',
  ended:
    'PQconsumeInput() FATAL:  terminating connection due to administrator command\nserver closed the connection unexpectedly\n' +
    '\tThis probably means the server terminated abnormally\n\tbefore or while processing the request.\n',
  redisRefuses: 'Connection refused - connect(2) for 127.0.0.1:6379 (redis://127.0.0.1:6379)',
  redisHangs: 'Waited 1 seconds',
  redisFull: "OOM command not allowed when used memory > 'maxmemory'. (redis://127.0.0.1:6379)",
  storageFull: 'No space left on device - sendfile',
};

/**
 * Without Redis nobody's presence is known, which every contact shows; and no job is enqueued, which is found out after the row is stored. A
 * Redis that is only full still answers what it is asked.
 */
function redisEffect(
  trouble: keyof typeof texts & `redis${string}`,
  call: Call,
  req: Pick<Request, 'method' | 'path'>,
): TroubleEffect | null {
  const answersReads = trouble === 'redisFull';
  if (/\/profile$/.test(req.path)) return { ...crashed, stored: false, losesJobs: false };
  if (call === 'read') {
    const needsPresence = /\/(contacts|conversations)(\/|$)/.test(req.path);
    return needsPresence && !answersReads ? { ...crashed, stored: false, losesJobs: false } : null;
  }
  if (/\/filter$/.test(req.path)) return answersReads ? null : { ...crashed, stored: false, losesJobs: false };
  if (/\/contact_inboxes$/.test(req.path)) return null;
  if (call === 'message') return { ...refused(texts[trouble]), stored: true, losesJobs: true };
  const isUndone = req.method === 'DELETE' || /\/toggle_status$/.test(req.path) || (call === 'inbox' && !answersReads);
  return { ...crashed, stored: !isUndone, losesJobs: true };
}

/** What a request in this trouble is answered, or null where it goes through. Text of a message without a file needs no storage. */
export function troubleEffect(
  trouble: Trouble,
  req: Pick<Request, 'method' | 'path' | 'headers'>,
  features: Features,
): TroubleEffect | null {
  const call = callOf(req);
  const keeps = { losesJobs: false };
  switch (trouble) {
    case 'statementTimeout':
    case 'statementTimeoutAfterRow': {
      const stored = call === 'conversation' || (call !== 'contact' && trouble === 'statementTimeoutAfterRow');
      if (features.statementTimeoutText) return { ...refused(texts.tookTooLong), stored, ...keeps };
      return { ...(call === 'message' ? refused(texts.canceled) : crashed), stored, ...keeps };
    }
    case 'requestTimeout':
      return { ...crashed, stored: call === 'message', ...keeps };
    case 'databaseEnded':
      return call === 'message' ? { ...refused(texts.ended), stored: true, ...keeps } : { ...crashed, stored: false, ...keeps };
    case 'databaseRefuses':
      return { ...crashed, stored: false, ...keeps };
    case 'redisRefuses':
    case 'redisHangs':
    case 'redisFull':
      return redisEffect(trouble, call, req);
    case 'storageFull': {
      const hasFile = call === 'message' && /^multipart\//i.test(req.headers['content-type'] ?? '');
      return hasFile ? { ...refused(texts.storageFull), stored: true, ...keeps } : null;
    }
  }
}
