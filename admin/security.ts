import type { RequestHandler } from 'express';
import helmet from 'helmet';

const COMMON = {
  'default-src': ["'none'"],
  'base-uri': ["'self'"],
  'connect-src': ["'self'"],
  'font-src': ["'self'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
  'img-src': ["'self'", 'data:'],
  'script-src': ["'self'"],
};

/** The browser may load what we serve and nothing else. */
export const pageSecurity: RequestHandler = helmet.contentSecurityPolicy({
  useDefaults: false,
  directives: { ...COMMON, 'style-src': ["'self'"] },
});

/** The queue UI is an application of its own: it needs its scripts, and lays itself out with inline styles. */
export const queueUiSecurity: RequestHandler = helmet.contentSecurityPolicy({
  useDefaults: false,
  directives: { ...COMMON, 'style-src': ["'self'", "'unsafe-inline'"] },
});
