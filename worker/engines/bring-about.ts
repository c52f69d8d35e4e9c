import { hashToken } from '../../shared/auth/tokens.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { Keyring } from '../../shared/encryption/keyring.ts';
import { DELIVERY_PATH, deliveryAddress, openDeliveryKey } from '../../shared/engines/delivery-key.ts';
import type { EngineCall, EngineWebhook, WebhookFound } from '../../shared/engines/engine.ts';
import type { OpenRow } from '../../shared/engines/open-engine.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { WORKER_LIMITS } from '../timeouts.ts';
import { type Kept, openKept, sealKept } from './kept.ts';
import { type ClaimedWebhook, keepPrevious, previousOfKey } from './queries/webhooks.ts';

/** What came of one try: it is as wished, with what the owner should know; nothing is left to be wished; or it failed. */
export type Brought =
  | { readonly kind: 'done'; readonly warnings: readonly string[] }
  | { readonly kind: 'forget' }
  | { readonly kind: 'failed'; readonly error: PonteError };

/**
 * One try to have an engine deliver as is wished. What stood there is kept before it is changed, so that it can be put back whatever dies;
 * and it is only put back where our address still stands, because whoever has changed it since means it. Rejects where the database is away.
 */
export function createBringAbout(deps: {
  prisma: PrismaClient;
  keyring: Keyring;
  open: OpenRow;
  /** BASE_URL. */
  apiUrl: string;
}): (wish: ClaimedWebhook) => Promise<Brought> {
  const { prisma, keyring, apiUrl } = deps;

  async function setOurs(wish: ClaimedWebhook, webhook: EngineWebhook, call: EngineCall): Promise<Brought> {
    const found = await webhook.read(call);
    if (found.kind === 'failed') return found;
    const delivery = openDeliveryKey(keyring, wish.instanceId, wish.deliveryKey);
    const kept = await keep(wish, found, delivery.key);
    if (kept === undefined) return { kind: 'done', warnings: [] };
    const address = deliveryAddress(apiUrl, delivery);
    const done = await webhook.set({ ...call, address, secret: delivery.proof });
    if (done.kind === 'failed') return done;
    return { kind: 'done', warnings: [...found.warnings, ...warningsOf(kept, call.access.url, apiUrl)] };
  }

  /** What is to be put back one day; undefined where something else is wished by now. */
  async function keep(wish: ClaimedWebhook, found: WebhookFound, key: string): Promise<Kept | undefined> {
    const { address } = found;
    // An address of ours is never what stood there before.
    if (wish.previous !== null && (address === undefined || address.includes(DELIVERY_PATH))) {
      return openKept(keyring, wish.instanceId, wish.previous);
    }
    const kept = address?.includes(key) ? NOTHING : ((await keptByAnother(address)) ?? { ...found, host: hostOf(address) });
    const holds = await keepPrevious(prisma, wish, sealKept(keyring, wish.instanceId, kept));
    return holds ? kept : undefined;
  }

  /** An address of ours that is another instance's, or was: to put that back would lead nowhere. */
  async function keptByAnother(address: string | undefined): Promise<Kept | undefined> {
    const [, key] = address?.split(DELIVERY_PATH) ?? [];
    if (key === undefined) return undefined;
    const other = await previousOfKey(prisma, hashToken(key));
    return other === undefined ? NOTHING : openKept(keyring, other.instanceId, other.previous);
  }

  async function putBack(wish: ClaimedWebhook, webhook: EngineWebhook, call: EngineCall): Promise<Brought> {
    if (wish.previous === null) return { kind: 'forget' };
    const { key } = openDeliveryKey(keyring, wish.instanceId, wish.deliveryKey);
    const found = await webhook.read(call);
    if (found.kind === 'failed') return found;
    if (!found.address?.includes(key)) return { kind: 'forget' };
    const { previous } = openKept(keyring, wish.instanceId, wish.previous);
    const done = await webhook.restore({ ...call, previous });
    return done.kind === 'failed' ? done : { kind: 'forget' };
  }

  return async (wish) => {
    try {
      const { engine, access } = await deps.open(wish);
      if (engine.webhook === undefined) return { kind: 'forget' };
      const call = { access, instance: wish.engineName, timeoutMs: WORKER_LIMITS.engineCallMs };
      return await (wish.wish === 'ours' ? setOurs(wish, engine.webhook, call) : putBack(wish, engine.webhook, call));
    } catch (error) {
      if (error instanceof PonteError) return { kind: 'failed', error };
      throw error;
    }
  };
}

const NOTHING: Kept = { previous: undefined, host: undefined };

/** Without its path and query: those are where such addresses have their secrets. */
const hostOf = (address: string | undefined): string | undefined => {
  if (address === undefined) return undefined;
  return URL.canParse(address) ? new URL(address).host : 'another address';
};

function warningsOf({ host }: Kept, engineUrl: string, apiUrl: string): string[] {
  const warnings: string[] = [];
  if (host !== undefined) warnings.push(`its webhook led to ${host}, which hears nothing while this integration is active`);
  const ours = new URL(apiUrl).hostname;
  if (isLoopback(ours) && URL.canParse(engineUrl) && !isLoopback(new URL(engineUrl).hostname)) {
    warnings.push(`it delivers to ${ours}, which is its own machine — set BASE_URL to an address that it can reach`);
  }
  return warnings;
}

const isLoopback = (host: string): boolean => host === 'localhost' || host === '[::1]' || host.startsWith('127.');
