import type pg from 'pg';
import { dedupeKey } from '../../shared/engines/dedupe-key.ts';
import type { Engine } from '../../shared/engines/engine.ts';
import type { WhatsappEvent } from '../../shared/engines/event.ts';
import { outlineOf } from '../../shared/engines/outline.ts';
import { engineOf } from '../../shared/engines/registry.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { largeJson } from '../../shared/text/large-json.ts';
import type { InstanceCall } from '../auth/guards.ts';
import { readJsonBody } from '../http/json-body.ts';
import { type NewEvent, type Stored, storeEvent } from './queries/store-event.ts';

/** Media come inside the event as base64. */
const LIMIT_KIB = 20 * 1_024;

/**
 * `POST /api/events/ingest/:instance`: where a WhatsApp engine delivers its events. They are stored before they are acknowledged; an
 * engine that hears nothing, or 503, delivers again, and the second delivery is recognised. Throws PonteError `invalid_body` when
 * nothing can be made of the event.
 */
export function createIngest({ pool }: { pool: pg.Pool }) {
  return async ({ request, response, instance }: InstanceCall): Promise<void> => {
    const body = await readJsonBody(request, response, { limitKib: LIMIT_KIB });
    const engine = engineOf(instance.engineKind);
    // All are read before the first is stored: a delivery that is refused has left nothing behind.
    const events = engine.unpack({ body }).map((payload) => readEvent(engine, instance.id, payload));
    const results: Stored[] = [];
    for (const event of events) results.push(await storeEvent(pool, event));
    const status = (['stored', 'duplicate'] as const).find((result) => results.includes(result)) ?? 'unwanted';
    response.locals.log.debug({ instance: instance.name, status }, 'event');
    response.status(200).json({ success: true, status });
  };
}

function readEvent(engine: Engine, instanceId: string, payload: unknown): NewEvent {
  const parsed = engine.readEvent(payload);
  if (!parsed.ok) throw new PonteError('invalid_body', { faults: parsed.fault });
  try {
    const json = largeJson(payload);
    const outline = outlineOf(payload, json);
    if (outline.kind === 'none') throw new PonteError('invalid_body', { faults: 'body: is made of too many values' });
    return {
      instanceId,
      dedupeKey: dedupeKey(parsed.event, payload),
      chat: chatOf(parsed.event),
      payload: json,
      outline: outline.kind === 'outline' ? outline.json : null,
    };
  } catch (error) {
    // Nested deeper than can be written out again.
    if (error instanceof RangeError) throw new PonteError('invalid_body', { faults: 'body: is nested too deeply' });
    throw error;
  }
}

const chatOf = (event: WhatsappEvent): string => ('chat' in event ? (event.chat?.address ?? '') : '');
