import type { Request } from 'express';
import { Refusal } from './replies.ts';
import type { Instance } from './rows.ts';
import type { Store } from './store.ts';

/**
 * The instance that a request is about, after the checks of its token in RyzeAPI's order: 401 for none or an unknown one, 404 for an
 * unknown instance, 403 for another instance's token. `accountToken` opens every instance.
 */
export function authorize(store: Store, accountToken: string, req: Request): Instance {
  const token = tokenOf(req);
  if (token === '') throw new Refusal(401, 'Missing token in header');
  const owner = [...store.instances.values()].find((instance) => instance.token === token);
  if (token !== accountToken && !owner) throw new Refusal(401, 'Invalid token');
  const { instance: name } = req.params;
  const instance = typeof name === 'string' ? store.instances.get(name) : undefined;
  if (!instance) throw new Refusal(404, 'Instance not found');
  if (token !== accountToken && owner !== instance) throw new Refusal(403, 'Instance token does not match this instance');
  return instance;
}

function tokenOf(req: Request): string {
  const header = req.get('token');
  if (header !== undefined && header !== '') return header;
  return /^Bearer (.+)$/i.exec(req.get('authorization') ?? '')?.[1] ?? '';
}
