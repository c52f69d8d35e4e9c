import express from 'express';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { clientNetwork } from '../../shared/http/client-network.ts';
import { hasFewValues } from '../../shared/http/parse-json.ts';
import { readWithinBudget } from '../../shared/memory/body-budget.ts';
import type { ApiRequest, ApiResponse } from './context.ts';

const LIMIT_KIB = 64;

/**
 * Reads the JSON body of a request; one without any body has `{}`. It is read only here, after the checks that come before the body.
 * Throws PonteError `unsupported_media_type`, `body_too_large`, `too_many_large_requests` or `invalid_body`.
 */
export async function readJsonBody(
  request: ApiRequest,
  response: ApiResponse,
  { limitKib = LIMIT_KIB }: { limitKib?: number } = {},
): Promise<unknown> {
  const contentType = request.get('content-type');
  // `is` answers null when there is no body at all; some clients say so with a length of 0.
  if (request.get('content-length') !== '0' && request.is('application/json') === false) {
    throw new PonteError('unsupported_media_type', { contentType: contentType?.slice(0, 100) ?? 'nothing' });
  }
  const read = () =>
    new Promise<void>((resolve, reject) => {
      express.json({ limit: limitKib * 1_024, strict: false, verify: (_request, _response, body) => refuseManyValues(body) })(
        request,
        response,
        (error?: unknown) => (error === undefined ? resolve() : reject(bodyError(error, limitKib))),
      );
    });
  await readWithinBudget(request, response, ownerOf(request, response), read);
  const body: unknown = request.body;
  return body === undefined ? {} : body;
}

/** On whose account a large body goes: the caller's, else that of the network it comes from. */
function ownerOf(request: ApiRequest, { locals: { caller } }: ApiResponse): string {
  if (caller?.kind === 'account' || caller?.kind === 'instance') return caller.accountId;
  return caller?.kind === 'bridge' ? 'bridge' : clientNetwork(request);
}

/** Throws PonteError `invalid_body` for JSON that would become far more than it is. */
export function refuseManyValues(body: Buffer): void {
  if (!hasFewValues(body)) throw new PonteError('invalid_body', { faults: 'body: is made of too many values' });
}

/** What Express says of a body that it cannot read, in our own words. */
export function bodyError(error: unknown, limitKib: number): unknown {
  if (error instanceof PonteError) return error;
  const type = error instanceof Error && 'type' in error ? error.type : undefined;
  switch (type) {
    case 'entity.too.large':
      return new PonteError('body_too_large', { limit: `${limitKib} KiB` });
    case 'entity.parse.failed':
      return new PonteError('invalid_body', { faults: 'body: is not valid JSON' });
    case 'charset.unsupported':
    case 'encoding.unsupported':
      return new PonteError('unsupported_media_type', { contentType: 'one of that charset or encoding' });
    case 'request.aborted':
    case 'request.size.invalid':
      return new PonteError('invalid_body', { faults: 'body: ended before it was complete' });
    default:
      // What decompression (zlib) says of a body that is not what Content-Encoding claims has no type.
      return error instanceof Error && 'status' in error && error.status === 400
        ? new PonteError('invalid_body', { faults: 'body: cannot be read' })
        : error;
  }
}
