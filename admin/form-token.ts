import { createHmac, hkdfSync } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { secretsEqual } from '../shared/auth/tokens.ts';
import { PonteError } from '../shared/errors/ponte-error.ts';

export interface FormTokens {
  /** For the hidden field `token` of the form that posts to `path`. */
  issue(path: string): string;
  /**
   * Refuses (403) a POST that does not come from a form we gave to the operator: the browser sends the login along with whatever any
   * page makes it send, so the login alone proves nothing.
   */
  readonly required: RequestHandler;
  /** The same where errors become pages: throws PonteError `form_refused`. `path`: of the form, where it is not posted to itself. */
  expect(request: Request, path?: string): void;
}

const HOUR_MS = 3_600_000;

/**
 * Tokens of forms: signed with what only the reader of our pages is known by, for one path and for a while, and readable only for whoever can
 * read our pages. They need no memory, so the form of one api process may be posted to another.
 */
export function createFormTokens(secret: string, { validForMs = HOUR_MS }: { validForMs?: number } = {}): FormTokens {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'ponte admin forms', 32));
  const sign = (path: string, expiresAtMs: number): string =>
    `${expiresAtMs}.${createHmac('sha256', key).update(`${path}\n${expiresAtMs}`).digest('base64url')}`;

  function isValid(request: Request, path = pathOf(request)): boolean {
    // Set by every current browser, and out of reach for scripts.
    const site = request.get('sec-fetch-site');
    if (site !== undefined && site !== 'same-origin') return false;
    const body: unknown = request.body;
    const token = typeof body === 'object' && body !== null && 'token' in body ? String(body.token) : '';
    const expiresAtMs = Number(token.split('.', 1)[0]);
    if (!(expiresAtMs > Date.now())) return false;
    return secretsEqual(token, sign(path, expiresAtMs));
  }

  return {
    expect(request, path) {
      if (!isValid(request, path)) throw new PonteError('form_refused');
    },
    issue: (path) => sign(path, Date.now() + validForMs),
    required: (request, response, next) => {
      if (isValid(request)) return next();
      response
        .status(403)
        .type('text/plain')
        .send('This form is too old, or not one of ours. Go back, reload the page, and try again.\n');
    },
  };
}

const pathOf = (request: Request): string => request.originalUrl.split('?', 1)[0] ?? '';
