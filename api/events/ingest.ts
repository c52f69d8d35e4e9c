import type { WhatsappEvent } from '../../shared/contracts/whatsapp-event.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import { dedupeKey } from '../../shared/whatsapp/dedupe-key.ts';
import { fieldsOf } from '../../shared/whatsapp/fields.ts';
import { parseWhatsappEvent } from '../../shared/whatsapp/parse-event.ts';
import type { InstanceCall } from '../auth/guards.ts';
import { readJsonBody } from '../http/json-body.ts';
import type { EventStore, NewEvent } from './event-store.ts';

/** Media come inside the event as base64. */
const LIMIT_KIB = 20 * 1_024;

/**
 * `POST /api/events/ingest/:instance`: where a WhatsApp engine delivers its events. They are stored before they are acknowledged; an
 * engine that hears nothing, or 503, delivers again, and the second delivery is recognised. Throws PonteError `invalid_body` when
 * nothing can be made of the event.
 */
export function createIngest({ store }: { store: EventStore }) {
  return async ({ request, response, instance }: InstanceCall): Promise<void> => {
    const body = await readJsonBody(request, response, { limitKib: LIMIT_KIB });
    const stored = await store.store(readEvent(instance.id, body));
    response.locals.log.debug({ instance: instance.name, stored }, 'event');
    response.status(200).json({ success: true, status: stored });
  };
}

function readEvent(instanceId: string, body: unknown): NewEvent {
  const parsed = parseWhatsappEvent(body);
  if (!parsed.ok) throw new PonteError('invalid_body', { faults: parsed.fault });
  try {
    return {
      instanceId,
      dedupeKey: dedupeKey(parsed.event, body),
      chat: chatOf(parsed.event),
      payload: JSON.stringify(withoutSecrets(body)),
    };
  } catch (error) {
    // Nested deeper than can be written out again.
    if (error instanceof RangeError) throw new PonteError('invalid_body', { faults: 'body: is nested too deeply' });
    throw error;
  }
}

/** `instanceData` holds the token of the instance, and nothing that is not known here. */
const withoutSecrets = (body: unknown): unknown => ({ ...fieldsOf(body), instanceData: undefined });

const chatOf = (event: WhatsappEvent): string => ('chat' in event ? (event.chat?.address ?? '') : '');
