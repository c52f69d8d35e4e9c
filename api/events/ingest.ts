import type { PrismaClient } from '../../shared/database/database.ts';
import type { Delivery } from '../../shared/engines/engine.ts';
import { DEFAULT_ENGINE_KIND, engineOf } from '../../shared/engines/registry.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { takeRoom } from '../../shared/memory/body-budget.ts';
import type { TextsAside } from '../../shared/text/large-json.ts';
import type { InstanceCall } from '../auth/guards.ts';
import type { ApiRequest, ApiResponse } from '../http/context.ts';
import type { StoreEvent } from './event-store.ts';
import { headersOf, LIMIT_KIB, parseDelivery, readDelivery, saidBytes } from './read-delivery.ts';
import { takeDelivery } from './take-delivery.ts';
import { readThinBody, THIN_BODY_BYTES } from './thin-body.ts';
import type { CountUnread } from './unread.ts';

/**
 * `POST /api/events/ingest/:instance`: where a WhatsApp engine delivers its events with the token of the instance. They are stored before
 * they are acknowledged; an engine that hears nothing, or 503, delivers again, and the second delivery is recognised. Of RyzeAPI, throws
 * PonteError `invalid_body` when nothing can be made of the event: it keeps what is refused. Other engines do not, so it is counted.
 */
export function createIngest(deps: { prisma: PrismaClient; storeEvent: StoreEvent; countUnread: CountUnread }) {
  return async ({ request, response, instance }: InstanceCall): Promise<void> => {
    if (request.is('application/json') === false) {
      const contentType = request.get('content-type')?.slice(0, 100) ?? 'nothing';
      throw new PonteError('unsupported_media_type', { contentType });
    }
    const { engineKind } = instance;
    const target = { instanceId: instance.id, engineKind, engine: engineOf(engineKind) };
    const delivery = {
      ...(await read(request, response, instance.accountId)),
      name: instance.engineName ?? instance.name,
    };
    const { status, faults } = await takeDelivery(deps, target, delivery, (fault) => {
      if (engineKind === DEFAULT_ENGINE_KIND) throw new PonteError('invalid_body', { faults: fault });
    });
    await deps.countUnread(instance.id, engineKind, faults);
    response.locals.log.debug({ instance: instance.name, status }, 'event');
    response.status(200).json({ success: true, status });
  };
}

/** Of a delivery that is too large to be taken whole, all but its long texts. `owner` is on whose account it goes. */
async function read(
  request: ApiRequest,
  response: ApiResponse,
  owner: string,
): Promise<Omit<Delivery, 'name'> & { readonly aside?: TextsAside }> {
  if (saidBytes(request) > LIMIT_KIB * 1_024) {
    takeRoom(response, owner, THIN_BODY_BYTES);
    const body = await readThinBody(request.iterator({ destroyOnReturn: false }), `${LIMIT_KIB} KiB`);
    return { body, rawBody: Buffer.alloc(0), headers: headersOf(request) };
  }
  const raw = await readDelivery(request, response, owner);
  return { ...raw, ...(await parseDelivery(raw)) };
}
