import { parseCookie } from 'cookie';
import type { Request, Response } from 'express';

export interface Cookies {
  read(request: Request, name: CookieName): string | undefined;
  /** Gone with the browser, unless it is to stay for `maxAgeMs`. */
  write(request: Request, response: Response, name: CookieName, value: string, maxAgeMs?: number): void;
  clear(request: Request, response: Response, name: CookieName): void;
}
type CookieName = 'session' | 'form' | 'language';

/**
 * Out of reach for scripts, and never sent along with what another site asks for. Behind HTTPS the name begins with `__Host-`: then no
 * other host of the same domain can plant one.
 */
export function createCookies({ baseUrl }: { baseUrl: string }): Cookies {
  const isSecure = (request: Request): boolean => request.secure || baseUrl.startsWith('https:');
  const nameOf = (request: Request, name: CookieName): string => `${isSecure(request) ? '__Host-' : ''}ponte_${name}`;
  const optionsOf = (request: Request) => ({ httpOnly: true, sameSite: 'strict', secure: isSecure(request), path: '/' }) as const;
  return {
    read: (request, name) => parseCookie(request.headers.cookie ?? '')[nameOf(request, name)],
    write(request, response, name, value, maxAgeMs) {
      response.cookie(nameOf(request, name), value, { ...optionsOf(request), maxAge: maxAgeMs });
    },
    clear(request, response, name) {
      response.clearCookie(nameOf(request, name), optionsOf(request));
    },
  };
}
