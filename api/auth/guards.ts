import type { BridgeClient } from '../../shared/bridge-client/client.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { ApiRequest, ApiResponse, Handler, Middleware } from '../http/context.ts';
import type { Authenticator } from './authenticator.ts';
import { type AccountCaller, type Customer, type Instance, instanceIn } from './caller.ts';

interface Call {
  readonly request: ApiRequest;
  readonly response: ApiResponse;
}
export type CustomerCall = Call & { readonly caller: Customer };
export type AccountCall = Call & { readonly caller: AccountCaller };
export type InstanceCall = CustomerCall & { readonly instance: Instance };
export type ChatwootCall = InstanceCall & { readonly bridge: BridgeClient };

/** The checks before a handler, in the order of the contract: token (401), gateway (503), instance (404, 403). The body comes after. */
export interface Guards {
  customer(handle: (call: CustomerCall) => Promise<void>): Handler;
  /** Only the TokenAccount will do. */
  account(handle: (call: AccountCall) => Promise<void>): Handler;
  /** For paths with `:instance`. */
  instance(handle: (call: InstanceCall) => Promise<void>): Handler;
  /** As `instance`, for the endpoints of the module that is off (503) without a bridge. */
  chatwoot(handle: (call: ChatwootCall) => Promise<void>): Handler;
}

export const INSTANCE_NAME = /^[A-Za-z0-9_-]{1,100}$/;

/** `/chatwoot/set/:instance`, `/instance/:instance`: where what is about an instance has its name. */
function nameIn(path: string): string | undefined {
  const [, , second, third] = path.split('/');
  return [third, second].find((part) => part !== undefined && INSTANCE_NAME.test(part));
}

/** Finds out who calls, once a request; the guards and the rate limit build on it, and the limit comes first even if this fails. */
export function createIdentification(authenticator: Authenticator): Middleware {
  return async (request, response, next) => {
    response.locals.caller = await authenticator
      .identify(request.headers, nameIn(request.path))
      .catch((error: unknown) => ({ kind: 'unidentified' as const, error }));
    next();
  };
}

/** `bridge` is undefined where BRIDGE_URL and BRIDGE_TOKEN are not set. */
export function createGuards(deps: { prisma: PrismaClient; bridge: BridgeClient | undefined }): Guards {
  async function instanceOf(caller: Customer, name: string): Promise<Instance> {
    if (caller.kind === 'instance') {
      if (name !== caller.instanceName) throw new PonteError('instance_token_mismatch');
      return instanceIn(caller);
    }
    if (caller.named?.name === name) return caller.named;
    // PostgreSQL cannot even be asked for some of the names that a path can hold.
    if (!INSTANCE_NAME.test(name)) throw new PonteError('instance_not_found');
    const found = await deps.prisma.instance.findUnique({
      where: { accountId_name: { accountId: caller.accountId, name } },
      select: { id: true, accountId: true, name: true, engineKind: true, engineName: true },
    });
    if (!found) throw new PonteError('instance_not_found');
    return found;
  }

  return {
    customer: (handle) => async (request, response) => handle({ request, response, caller: customerOf(response) }),
    account: (handle) => async (request, response) => {
      const caller = customerOf(response);
      if (caller.kind !== 'account') throw new PonteError('account_token_required');
      await handle({ request, response, caller });
    },
    instance: (handle) => async (request, response) => {
      const caller = customerOf(response);
      const instance = await instanceOf(caller, String(request.params.instance));
      await handle({ request, response, caller, instance });
    },
    chatwoot: (handle) => async (request, response) => {
      const caller = customerOf(response);
      const { bridge } = deps;
      if (bridge === undefined) throw new PonteError('gateway_not_configured');
      const instance = await instanceOf(caller, String(request.params.instance));
      await handle({ request, response, caller, instance, bridge });
    },
  };
}

function customerOf(response: ApiResponse): Customer {
  const { caller } = response.locals;
  if (caller?.kind === 'account' || caller?.kind === 'instance') return caller;
  if (caller?.kind === 'unidentified') throw caller.error;
  throw new PonteError(caller === undefined || caller.kind === 'anonymous' ? 'missing_token' : 'invalid_token');
}
