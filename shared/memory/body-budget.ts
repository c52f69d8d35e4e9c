import type { IncomingMessage, ServerResponse } from 'node:http';
import { PonteError } from '../errors/ponte-error.ts';
import { type Allotment, byteBudget } from './byte-budget.ts';

/** Bodies up to this do not count: what bounds them is how many connections there are. */
const FREE_BYTES = 65_536;
/** A compressed body counts as what it can become: the largest that any endpoint reads. */
const LARGEST_BYTES = 64 * 1_048_576;
const RETRY_AFTER_SECONDS = 2;

/**
 * Express middleware: counts the body of a request from the moment it is read (so a body that nobody reads, because the request was refused
 * before, counts for nothing) until the response has ended. What finds no room is refused with 503 and comes again.
 * `ownerOf` is asked at that moment.
 */
export function budgetBodies<Request extends IncomingMessage, Response extends ServerResponse>(
  ownerOf: (request: Request, response: Response) => string,
  budget = byteBudget,
) {
  return (request: Request, response: Response, next: () => void): void => {
    request.on('newListener', function begin(event) {
      if (event !== 'data') return;
      request.off('newListener', begin);
      const declared = declaredBytes(request);
      if (declared !== undefined && declared <= FREE_BYTES) return;
      const allotment = budget.open(ownerOf(request, response));
      releaseAfter(response, allotment);
      const refuse = (): void => {
        // Whoever reads it fails by this error, which then is the answer; the rest of the body is not waited for.
        response.setHeader('Connection', 'close');
        const error = new PonteError(
          'too_many_large_requests',
          { seconds: RETRY_AFTER_SECONDS },
          { retryAfterSeconds: RETRY_AFTER_SECONDS },
        );
        setImmediate(() => request.emit('error', error));
      };
      if (declared !== undefined) {
        if (!allotment.tryMore(declared)) refuse();
        return;
      }
      // Of one of unknown length each part counts as it comes.
      let bytes = 0;
      request.on('data', function count(chunk: Buffer) {
        bytes += chunk.length;
        if (bytes <= FREE_BYTES || allotment.tryMore(chunk.length)) return;
        request.off('data', count);
        refuse();
      });
    });
    next();
  };
}

/** Gives back what was taken for a request once it has been answered, or its client has gone. */
export function releaseAfter(response: ServerResponse, allotment: Allotment): void {
  if (response.destroyed) allotment.release();
  else response.once('close', allotment.release);
}

function declaredBytes({ headers }: IncomingMessage): number | undefined {
  if ((headers['content-encoding'] ?? 'identity') !== 'identity') return LARGEST_BYTES;
  const length = headers['content-length'];
  return length === undefined ? undefined : Number(length);
}
