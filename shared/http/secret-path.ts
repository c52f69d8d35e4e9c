import type { NextFunction, Request, Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import { PonteError } from '../errors/ponte-error.ts';
import { clientNetwork } from './client-network.ts';

const MINUTE_MS = 60_000;
/** Addresses that nobody has, asked for by one network: whoever guesses is not even looked up for after these. */
const UNKNOWN_PER_MINUTE = 120;
/** Addresses that were found are known for this long: a stranger who uses up the guesses of a shared proxy harms none of them. */
const KNOWN_MS = 600_000;
const MOST_KNOWN = 10_000;

/** The guard of paths whose last part is a secret: looking for one costs a stranger. `keyHash` is the hash of the part. */
export interface SecretPaths {
  /** Throws PonteError `rate_limited` where a stranger has guessed too much, unless this key was found before. */
  admit(request: Request, keyHash: string): Promise<void>;
  found(keyHash: string): void;
  /** Nobody has it: counts against whoever asked. Throws PonteError `rate_limited` where that is once too often. */
  unknown(request: Request, response: Response, keyHash: string): Promise<void>;
}

export function createSecretPaths(): SecretPaths {
  const known = new Map<string, number>();
  const guesses = rateLimit({ ...SILENT_LIMIT, limit: UNKNOWN_PER_MINUTE, keyGenerator: clientNetwork });

  return {
    async admit(request, keyHash) {
      if ((known.get(keyHash) ?? 0) >= Date.now()) return;
      const made = await guesses.getKey(clientNetwork(request));
      if (made !== undefined && made.totalHits >= UNKNOWN_PER_MINUTE) throw new PonteError('rate_limited');
    },
    found(keyHash) {
      known.delete(keyHash);
      known.set(keyHash, Date.now() + KNOWN_MS);
      const [oldest] = known.keys();
      if (known.size > MOST_KNOWN && oldest !== undefined) known.delete(oldest);
    },
    unknown(request, response, keyHash) {
      known.delete(keyHash);
      return new Promise((resolve, reject) => {
        const next = (error?: unknown): void => (error === undefined ? resolve() : reject(error));
        Promise.resolve(guesses(request, response, next)).catch(reject);
      });
    },
  };
}

/** A limit that says nothing of itself in headers. */
export const SILENT_LIMIT = {
  windowMs: MINUTE_MS,
  legacyHeaders: false,
  standardHeaders: false,
  validate: { trustProxy: false, xForwardedForHeader: false },
  handler: (_request: Request, _response: unknown, next: NextFunction) => next(new PonteError('rate_limited')),
} as const;
