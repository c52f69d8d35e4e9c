import type { RequestHandler, Response } from 'express';
import { clientNetwork } from '../http/client-network.ts';
import { createFailedLogins, FAILED_LOGINS_RETRY_SECONDS } from './failed-logins.ts';
import type { LoginAttempts } from './login-attempts.ts';
import { secretsEqual } from './tokens.ts';

export interface AdminCredentials {
  readonly user: string;
  readonly password: string;
}

/** What the configuration says, in the form the login takes: undefined where there is no login, and so nothing behind it. */
export const adminCredentials = (config: {
  ADMIN_USER?: string | undefined;
  ADMIN_PASSWORD?: string | undefined;
}): AdminCredentials | undefined =>
  config.ADMIN_USER === undefined || config.ADMIN_PASSWORD === undefined
    ? undefined
    : { user: config.ADMIN_USER, password: config.ADMIN_PASSWORD };

/** Who has just logged in, and from where nobody has failed since, is not counted again: a page is many requests. */
const TRUSTED_MS = 60_000;

/**
 * The operator's login (HTTP Basic), in front of everything that is for operators alone. An address that failed ten times within a minute, at
 * whatever process, is not even listened to until that minute is over: 429, whatever it sends. While the database is away, this process
 * counts for itself.
 */
export function createLogin({ user, password }: AdminCredentials, attempts: LoginAttempts): RequestHandler {
  const failures = createFailedLogins();
  const trustedUntilMs = new Map<string, number>();
  return async (request, response, next) => {
    response.setHeader('Cache-Control', 'no-store');
    const given = parseBasic(request.get('authorization'));
    // Both are always compared: the time it takes must not tell which of the two was right.
    const rightUser = secretsEqual(given?.user ?? '', user);
    const rightPassword = secretsEqual(given?.password ?? '', password);
    if (await failures.areTooMany(request)) return refuse(response);
    // A browser's first request has no credentials: it is asked for them, and that is no failure.
    if (given === undefined) return challenge(response);
    const isRight = rightUser && rightPassword;
    const network = clientNetwork(request);
    if (!isRight) {
      trustedUntilMs.delete(network);
      await failures.note(request, response);
    } else if ((trustedUntilMs.get(network) ?? 0) > performance.now()) {
      return next();
    }
    const mayBeHeard = await attempts.begin(request).catch(() => true);
    if (!mayBeHeard) return refuse(response);
    if (!isRight) return challenge(response);
    trustedUntilMs.set(network, performance.now() + TRUSTED_MS);
    await attempts.succeeded(request).catch(() => {});
    next();
  };
}

function challenge(response: Response): void {
  response.locals.route = 'login';
  response.setHeader('WWW-Authenticate', 'Basic realm="Ponte", charset="UTF-8"');
  response.status(401).type('text/plain').send('Log in with ADMIN_USER and ADMIN_PASSWORD.\n');
}

function refuse(response: Response): void {
  response.locals.route = 'login';
  response.setHeader('Retry-After', String(FAILED_LOGINS_RETRY_SECONDS));
  response.status(429).type('text/plain').send('Too many failed logins from this address: try again in a minute.\n');
}

function parseBasic(header: string | undefined): AdminCredentials | undefined {
  const [, encoded] = /^Basic +([A-Za-z0-9+/=_-]+)$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : { user: text.slice(0, colon), password: text.slice(colon + 1) };
}
