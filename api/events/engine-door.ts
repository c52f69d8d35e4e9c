import { hashToken } from '../../shared/auth/tokens.ts';
import type { PrismaClient } from '../../shared/database/database.ts';
import type { Keyring } from '../../shared/encryption/keyring.ts';
import { openDeliveryKey } from '../../shared/engines/delivery-key.ts';
import type { Delivery, Engine } from '../../shared/engines/engine.ts';
import { engineOf } from '../../shared/engines/registry.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { hasFewValues } from '../../shared/http/parse-json.ts';
import { createSecretPaths } from '../../shared/http/secret-path.ts';
import { asPonteError } from '../errors/as-ponte-error.ts';
import type { ApiRequest, ApiResponse, Handler } from '../http/context.ts';
import type { StoreEvent } from './event-store.ts';
import { type ParsedDelivery, parseDelivery, type RawDelivery, readDelivery } from './read-delivery.ts';
import { takeDelivery } from './take-delivery.ts';
import type { CountUnread } from './unread.ts';

/** Whose door it is. */
interface Owner {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  readonly engineKind: string;
  readonly engineName: string | null;
  readonly engineSecret: string | null;
  readonly deliveryKey: string | null;
}

const NOT_GENUINE = 'the proof of origin is missing or wrong';
/** For engines that repeat what they are told to repeat. */
const RETRY_AFTER_SECONDS = 10;

/**
 * `/api/events/engine/:key`: where the engines deliver whose webhook Ponte has set itself. The key says whose events they are; where the
 * engine offers a proof of origin, that is asked for as well, over the bytes as they came.
 *
 * Some engines drop an event for good on 400, 401, 403, 404 and 422. So those are only answered to who has no business here; what cannot
 * be read is taken and counted, and what fails for a while is 503.
 */
export function createEngineDoor(deps: {
  prisma: PrismaClient;
  storeEvent: StoreEvent;
  keyring: Keyring;
  countUnread: CountUnread;
}): {
  deliver: Handler;
  verify: Handler;
} {
  const { prisma, keyring, countUnread } = deps;
  const paths = createSecretPaths();

  async function ownerOf(request: ApiRequest, response: ApiResponse): Promise<Owner> {
    const deliveryKeyHash = hashToken(String(request.params.key));
    await paths.admit(request, deliveryKeyHash);
    const owner = await prisma.instance.findUnique({
      where: { deliveryKeyHash },
      select: {
        id: true,
        accountId: true,
        name: true,
        engineKind: true,
        engineName: true,
        engineSecret: true,
        deliveryKey: true,
      },
    });
    if (owner !== null) {
      paths.found(deliveryKeyHash);
      return owner;
    }
    await paths.unknown(request, response, deliveryKeyHash);
    throw new PonteError('delivery_address_unknown');
  }

  /** What deliveries of this engine are proven by; undefined where nothing is to be proven. */
  function secretOf({ setup }: Engine, { id, engineSecret, deliveryKey }: Owner): string | undefined {
    switch (setup.proof) {
      case 'own':
        return deliveryKey === null ? '' : openDeliveryKey(keyring, id, deliveryKey).proof;
      case 'told':
        return engineSecret === null ? '' : keyring.decrypt(engineSecret, { purpose: 'engine-secret', owner: id });
      case 'none':
        return undefined;
    }
  }

  function isGenuine(engine: Engine, owner: Owner, raw: RawDelivery): boolean {
    const secret = secretOf(engine, owner);
    if (engine.isGenuine === undefined || secret === undefined) return true;
    return secret !== '' && engine.isGenuine({ ...raw, body: undefined, name: nameOf(owner) }, secret);
  }

  async function take(owner: Owner, raw: RawDelivery): Promise<string> {
    const engine = engineOf(owner.engineKind);
    if (!isGenuine(engine, owner, raw)) {
      await countUnread(owner.id, owner.engineKind, [NOT_GENUINE]);
      throw new PonteError('delivery_not_genuine');
    }
    const delivery = await readable({ ...raw, name: nameOf(owner) });
    if (typeof delivery === 'string') {
      await countUnread(owner.id, owner.engineKind, [delivery]);
      return 'unread';
    }
    const target = { instanceId: owner.id, engineKind: owner.engineKind, engine };
    const { status, faults } = await takeDelivery(deps, target, delivery);
    await countUnread(owner.id, owner.engineKind, faults);
    return status === 'unwanted' && faults.length > 0 ? 'unread' : status;
  }

  return {
    async deliver(request, response) {
      const owner = await passing(ownerOf(request, response));
      const status = await passing(readDelivery(request, response, owner.accountId).then((raw) => take(owner, raw)));
      response.locals.log.debug({ instance: owner.name, status }, 'event');
      response.status(200).json({ success: true, status });
    },

    async verify(request, response) {
      const owner = await ownerOf(request, response);
      const proof = owner.deliveryKey === null ? '' : openDeliveryKey(keyring, owner.id, owner.deliveryKey).proof;
      const answer = proof === '' ? undefined : engineOf(owner.engineKind).answerVerification?.(request.query, proof);
      if (answer === undefined) throw new PonteError('delivery_not_genuine');
      response.status(200).type('text/plain').send(answer);
    },
  };
}

const nameOf = ({ engineName, name }: Owner): string => engineName ?? name;

/** The delivery with its body; what is wrong with that where it cannot be read. */
async function readable(raw: RawDelivery & Pick<Delivery, 'name'>): Promise<(Delivery & ParsedDelivery) | string> {
  try {
    return { ...raw, ...(await parseDelivery(raw)) };
  } catch (error) {
    if (!(error instanceof PonteError)) throw error;
    return hasFewValues(raw.rawBody) ? 'body: is not valid JSON' : 'body: is made of too many values';
  }
}

/** While the database is away, every engine is to try again. */
async function passing<Value>(work: Promise<Value>): Promise<Value> {
  try {
    return await work;
  } catch (error) {
    if (asPonteError(error)?.code !== 'database_unavailable') throw error;
    throw new PonteError('delivery_not_stored', {}, { retryAfterSeconds: RETRY_AFTER_SECONDS });
  }
}
