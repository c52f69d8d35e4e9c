import express from 'express';
import type { Delivery } from '../../shared/engines/engine.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { readWithinBudget } from '../../shared/memory/body-budget.ts';
import type { ApiRequest, ApiResponse } from '../http/context.ts';
import { bodyError, refuseManyValues } from '../http/json-body.ts';

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
  const read = () =>
    new Promise<void>((resolve, reject) => {
      readRaw(request, response, (error?: unknown) => (error === undefined ? resolve() : reject(bodyError(error, LIMIT_KIB))));
    });
  await readWithinBudget(request, response, owner, read);
  const body: unknown = request.body;
  return { rawBody: Buffer.isBuffer(body) ? body : Buffer.alloc(0), headers: headersOf(request) };
}

export const headersOf = ({ headers }: ApiRequest): Delivery['headers'] =>
  Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value]));

/**
 * What a delivery says: JSON, or the fields of a form; undefined for what is neither. No body at all is an empty object. Throws PonteError
 * `invalid_body` for JSON that is none, or made of too many values.
 */
export function parseDelivery({ rawBody, headers }: RawDelivery): unknown {
  const type = (headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  if (type === 'application/x-www-form-urlencoded') return Object.fromEntries(new URLSearchParams(rawBody.toString('utf8')));
  if (rawBody.length === 0) return {};
  if (type !== 'application/json') return undefined;
  refuseManyValues(rawBody);
  try {
    const value: unknown = JSON.parse(rawBody.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value;
  } catch {
    // Said below, as of a bare word or number: neither is ever an event.
  }
  throw new PonteError('invalid_body', { faults: 'body: is not valid JSON' });
}
