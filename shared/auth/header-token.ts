import type { IncomingHttpHeaders } from 'node:http';

/** The caller's token: header `token`, else `Authorization: Bearer`. Undefined when neither is there. */
export function headerToken(headers: IncomingHttpHeaders): string | undefined {
  const { token, authorization } = headers;
  if (typeof token === 'string' && token.trim() !== '') return token.trim();
  return /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
}
