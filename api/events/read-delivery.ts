import express from 'express';
import type { Delivery } from '../../shared/engines/engine.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { isCompressed, readWithinBudget } from '../../shared/memory/body-budget.ts';
import { NOTHING_ASIDE, type TextsAside } from '../../shared/text/large-json.ts';
import { setTextsAside } from '../../shared/text/texts-aside.ts';
import type { ApiRequest, ApiResponse } from '../http/context.ts';
import { bodyError, refuseManyValues } from '../http/json-body.ts';
import { decodeForm } from './form.ts';

/** Media come inside the event as base64: a file of 40 MiB, which is Chatwoot's own limit, and what stands around it. */
export const LIMIT_KIB = 56 * 1_024;
const readRaw = express.raw({ type: () => true, limit: LIMIT_KIB * 1_024 });

/** A delivery as it came, before anybody looks into it. */
export type RawDelivery = Pick<Delivery, 'rawBody' | 'headers'>;

/**
 * Reads the body of a delivery, whatever it is; `owner` is on whose account it goes. Throws PonteError `body_too_large`,
 * `too_many_large_requests`, `unsupported_media_type` or `invalid_body`.
 */
export async function readDelivery(request: ApiRequest, response: ApiResponse, owner: string): Promise<RawDelivery> {
  const bytes = saidBytes(request);
  const isLarge = bytes > READ_AT_ONCE_BYTES && bytes <= LIMIT_KIB * 1_024;
  const read = () => (isLarge ? readAsItComes(request, bytes) : readAtOnce(request, response));
  return { rawBody: await readWithinBudget(request, response, owner, read), headers: headersOf(request) };
}

/** How long a body is, as it says of itself: 0 where it does not, or is compressed. */
export const saidBytes = (request: ApiRequest): number =>
  isCompressed(request) ? 0 : Number(request.headers['content-length'] ?? 0);

function readAtOnce(request: ApiRequest, response: ApiResponse): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    readRaw(request, response, (error?: unknown) => {
      const body: unknown = request.body;
      if (error === undefined) resolve(Buffer.isBuffer(body) ? body : Buffer.alloc(0));
      else reject(bodyError(error, LIMIT_KIB));
    });
  });
}

/** Put together at its end it would be held twice, and fifty megabytes take a fifth of a second. Node holds a body to the length that it says. */
async function readAsItComes(request: ApiRequest, bytes: number): Promise<Buffer> {
  const body = Buffer.allocUnsafe(bytes);
  let at = 0;
  try {
    for await (const chunk of request) at += (chunk as Buffer).copy(body, at);
  } catch {
    throw new PonteError('invalid_body', { faults: 'body: ended before it was complete' });
  }
  return body;
}

export const headersOf = ({ headers }: ApiRequest): Delivery['headers'] =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]));

/** What a delivery says, and which texts of it stand aside. */
export interface ParsedDelivery {
  readonly body: unknown;
  readonly aside: TextsAside;
}

/** Up to this nobody notices how long it takes. */
const READ_AT_ONCE_BYTES = 1_048_576;

/**
 * What a delivery says: JSON, or the fields of a form; undefined for what is neither. No body at all is an empty object. A large one is read in
 * parts. Throws PonteError `invalid_body` for JSON that is none, and for what is made of too many values.
 */
export async function parseDelivery({ rawBody, headers }: RawDelivery): Promise<ParsedDelivery> {
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded') return parseForm(rawBody);
  if (rawBody.length === 0) return { body: {}, aside: NOTHING_ASIDE };
  if (type !== 'application/json') return { body: undefined, aside: NOTHING_ASIDE };
  refuseManyValues(rawBody);
  const { json, aside } = await setTextsAside(rawBody);
  try {
    const body: unknown = JSON.parse(json.toString('utf8'));
    if (typeof body === 'object' && body !== null) return { body, aside };
  } catch {
    // Said below, as of a bare word or number: neither is ever an event.
  }
  throw new PonteError('invalid_body', { faults: 'body: is not valid JSON' });
}

/** The fields of a form; JSON in one of them without its long texts. */
async function parseForm(form: Buffer): Promise<ParsedDelivery> {
  const fields = await decodeForm(form);
  const read = await Promise.all(
    fields.map(async ([name, bytes]) => {
      const { json, aside } = await setTextsAside(bytes);
      return { field: [name, json.toString('utf8')] as const, aside };
    }),
  );
  return {
    body: Object.fromEntries(read.map(({ field }) => field)),
    aside: new Map(read.flatMap(({ aside }) => [...aside])),
  };
}
