import { isIP } from 'node:net';
import type { Logger } from '../shared/logging/logger.ts';

/**
 * Chatwoot 4.14 and later call no webhook on a private address unless their operator allows it, and say so only on failed messages in the
 * dashboard; creating an inbox never warns. So we do. Names are not resolved: Chatwoot may resolve them differently.
 */
export function warnOfPrivatePublicUrl(publicUrl: string, logger: Logger): void {
  if (!isPrivateHost(new URL(publicUrl).hostname)) return;
  logger.warn(
    { publicUrl },
    'BRIDGE_PUBLIC_URL is a private address: Chatwoot 4.14 and later send no replies there, unless SAFE_FETCH_ALLOW_PRIVATE_NETWORK=true is set in Chatwoot',
  );
}

/** Whether the name says so; what it resolves to is not looked up. */
export function isPrivateHost(hostname: string): boolean {
  if (isIP(hostname) === 4) return /^(0|10|127|169\.254|192\.168|172\.(1[6-9]|2\d|3[01]))\./.test(hostname);
  return /^localhost$|\.(localhost|local|internal)$|^\[(::1?|f[cd][\da-f]{2}:.*|fe80:.*)\]$/i.test(hostname);
}
