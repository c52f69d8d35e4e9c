import type { Request, Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import { clientNetwork } from '../http/client-network.ts';

export const FAILURES_PER_MINUTE = 10;
const MINUTE_MS = 60_000;

export interface FailedLogins {
  /** Whether an address failed ten times within this minute: then it is not even listened to until the minute is over. */
  areTooMany(request: Request): Promise<boolean>;
  note(request: Request, response: Response): Promise<void>;
}

/** How long such an address has to wait, at most. */
export const FAILED_LOGINS_RETRY_SECONDS = MINUTE_MS / 1_000;

/** Counts failed logins by address, in the memory of the process. */
export function createFailedLogins(): FailedLogins {
  const failures = rateLimit({
    windowMs: MINUTE_MS,
    limit: FAILURES_PER_MINUTE,
    keyGenerator: clientNetwork,
    legacyHeaders: false,
    standardHeaders: false,
    // Which setting of Express tells the real address is the operator's business; the login is safe either way.
    validate: { trustProxy: false, xForwardedForHeader: false },
    // Whoever counts answers.
    handler: () => {},
  });
  return {
    async areTooMany(request) {
      const known = await failures.getKey(clientNetwork(request));
      return known !== undefined && known.totalHits >= FAILURES_PER_MINUTE;
    },
    async note(request, response) {
      await failures(request, response, () => {});
    },
  };
}
