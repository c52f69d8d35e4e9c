import { secretsEqual } from '../../shared/auth/tokens.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Middleware } from './context.ts';

/** Lets nobody pass without BRIDGE_TOKEN as Bearer. Throws PonteError `bridge_unauthorized`. */
export function requireBridgeToken(bridgeToken: string): Middleware {
  return (request, _response, next) => {
    const [, given] = /^Bearer +(\S+)$/i.exec(request.get('authorization') ?? '') ?? [];
    if (given === undefined) throw new PonteError('bridge_unauthorized', { detail: 'no BRIDGE_TOKEN was sent' });
    if (!secretsEqual(given, bridgeToken))
      throw new PonteError('bridge_unauthorized', { detail: 'that is not the BRIDGE_TOKEN' });
    next();
  };
}
