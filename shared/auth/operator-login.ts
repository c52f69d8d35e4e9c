import type { Request, RequestHandler, Response } from 'express';
import { rateLimit } from 'express-rate-limit';
import { clientNetwork } from '../http/client-network.ts';
import { secretsEqual } from './tokens.ts';

export interface AdminCredentials {
  readonly user: string;
  readonly password: string;
}

const FAILURES_PER_MINUTE = 10;
const MINUTE_MS = 60_000;

/** What the configuration says, in the form the login takes: undefined where there is no login, and so nothing behind it. */
export const adminCredentials = (config: {
  ADMIN_USER?: string | undefined;
  ADMIN_PASSWORD?: string | undefined;
}): AdminCredentials | undefined =>
  config.ADMIN_USER === undefined || config.ADMIN_PASSWORD === undefined
    ? undefined
    : { user: config.ADMIN_USER, password: config.ADMIN_PASSWORD };

/**
 * The operator's login (HTTP Basic), in front of everything that is for operators alone. An address that failed ten times within a minute is
 * not even listened to until that minute is over: 429, whatever it sends.
 */
export function createLogin({ user, password }: AdminCredentials): RequestHandler {
  const failures = rateLimit({
    windowMs: MINUTE_MS,
    limit: FAILURES_PER_MINUTE,
    keyGenerator: clientNetwork,
    legacyHeaders: false,
    standardHeaders: false,
    // Which setting of Express tells the real address is the operator's business; the login is safe either way.
    validate: { trustProxy: false, xForwardedForHeader: false },
    handler: refuse,
  });

  return async (request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    const known = await failures.getKey(clientNetwork(request));
    if (known !== undefined && known.totalHits >= FAILURES_PER_MINUTE) return refuse(request, response);
    const given = parseBasic(request.get('authorization'));
    // Both are always compared: the time it takes must not tell which of the two was right.
    const rightUser = secretsEqual(given?.user ?? '', user);
    const rightPassword = secretsEqual(given?.password ?? '', password);
    if (given !== undefined && rightUser && rightPassword) return next();
    // A browser's first request has no credentials: it is asked for them, and that is no failure.
    if (given === undefined) return challenge(response);
    await failures(request, response, () => challenge(response));
  };
}

function challenge(response: Response): void {
  response.locals.route = 'login';
  response.setHeader('WWW-Authenticate', 'Basic realm="Ponte", charset="UTF-8"');
  response.status(401).type('text/plain').send('Log in with ADMIN_USER and ADMIN_PASSWORD.\n');
}

function refuse(_request: Request, response: Response): void {
  response.locals.route = 'login';
  response.setHeader('Retry-After', String(MINUTE_MS / 1_000));
  response.status(429).type('text/plain').send('Too many failed logins from this address: try again in a minute.\n');
}

function parseBasic(header: string | undefined): AdminCredentials | undefined {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
