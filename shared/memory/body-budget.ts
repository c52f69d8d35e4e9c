import type { IncomingMessage, ServerResponse } from 'node:http';
import { PonteError } from '../errors/ponte-error.ts';
import { type Allotment, byteBudget } from './byte-budget.ts';

/** Bodies up to this do not count: what bounds them is how many connections there are. */
const FREE_BYTES = 65_536;
/** A compressed body counts as what it can become: the largest that any endpoint reads. */
const LARGEST_BYTES = 64 * 1_048_576;
const RETRY_AFTER_SECONDS = 2;

/**
 * Has `read` read the body of a request, whose bytes count on the account of `owner` until the response has ended. One that finds no room
 * is answered at once, and what still arrives of it is thrown away: throws PonteError `too_many_large_requests`.
 */
export async function readWithinBudget<Body>(
  request: IncomingMessage,
  response: ServerResponse,
  owner: string,
  read: () => Promise<Body>,
  budget = byteBudget,
): Promise<Body> {
  const declared = declaredBytes(request);
  if (declared !== undefined && declared <= FREE_BYTES) return read();
  if (declared !== undefined) {
    takeRoom(response, owner, declared, budget);
    return read();
  }
  const allotment = budget.open(owner);
  releaseAfter(response, allotment);
  // Of one of unknown length each part counts as it comes.
  return new Promise((resolve, reject) => {
    let bytes = 0;
    read().then(resolve, reject);
    request.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= FREE_BYTES || allotment.tryMore(chunk.length)) return;
      request.removeAllListeners('data');
      request.unpipe();
      request.resume();
      reject(refusal());
    });
  });
}

/** Takes room for what a request needs until its response has ended. Throws PonteError `too_many_large_requests`. */
export function takeRoom(response: ServerResponse, owner: string, bytes: number, budget = byteBudget): void {
  const allotment = budget.open(owner);
  releaseAfter(response, allotment);
  if (!allotment.tryMore(bytes)) throw refusal();
}

const refusal = (): PonteError =>
  new PonteError('too_many_large_requests', { seconds: RETRY_AFTER_SECONDS }, { retryAfterSeconds: RETRY_AFTER_SECONDS });

/** Gives back what was taken for a request once it has been answered, or its client has gone. */
export function releaseAfter(response: ServerResponse, allotment: Allotment): void {
  if (response.destroyed) allotment.release();
  else response.once('close', allotment.release);
}

/** Whether the length of a body says nothing of how large it becomes. */
export const isCompressed = ({ headers }: IncomingMessage): boolean => (headers['content-encoding'] ?? 'identity') !== 'identity';

function declaredBytes(request: IncomingMessage): number | undefined {
  if (isCompressed(request)) return LARGEST_BYTES;
  const { headers } = request;
  const length = headers['content-length'];
  if (length !== undefined) return Number(length);
  return headers['transfer-encoding'] === undefined ? 0 : undefined;
}
