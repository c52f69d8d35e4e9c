import { z } from 'zod';
import { phoneFault } from '../engines/phone-fault.ts';
import { type NotificationEvent, notificationEventSchema, TEST_TYPE } from './event.ts';

/** An event as it is stored for an endpoint. */
export interface StoredEvent {
  readonly eventId: string;
  readonly type: string;
  readonly facts: unknown;
  readonly occurredAt: Date;
}

/** What the statements and triggers write that tell of something; each knows only some of it. */
const factsSchema = z.looseObject({
  instance: z.string().default(''),
  code: z.string().nullish(),
  message: z.string().nullish(),
  outcome: z.string().nullish(),
  direction: z.string().nullish(),
});
type Facts = z.infer<typeof factsSchema>;

/**
 * The event that an endpoint is told; `baseUrl` is where the console is. Undefined for one that this version cannot read: a newer one wrote it.
 */
export function makeEvent({ eventId, type, facts, occurredAt }: StoredEvent, baseUrl: string): NotificationEvent | undefined {
  const known = factsSchema.safeParse(facts);
  if (!known.success) return undefined;
  const sentences = type === TEST_TYPE ? TEST : sentencesOf(type, known.data);
  const link = `${baseUrl}/instances/${encodeURIComponent(known.data.instance)}`;
  const data = { ...known.data, ...sentences, link };
  return notificationEventSchema.safeParse({ id: eventId, type, timestamp: occurredAt.toISOString(), data }).data;
}

interface Sentences {
  readonly message: string;
  readonly next_step: string;
}

const TEST: Sentences = {
  message: 'This is a test: your endpoint is reached.',
  next_step: 'Nothing. Verify the signature as docs/webhooks.md shows.',
};
const LOOK = 'look at the instance in the console';

function sentencesOf(type: string, { code, message, outcome, direction }: Facts): Sentences | undefined {
  switch (type) {
    case 'integration.error':
      return split(message || 'messages cannot be relayed at the moment');
    case 'integration.recovered':
      return { message: 'messages are relayed again', next_step: 'nothing: what has waited is delivered by itself' };
    case 'message.set_aside':
      return {
        message: `a message could not be delivered to ${direction === 'to_whatsapp' ? 'WhatsApp' : 'Chatwoot'} and was set aside: ${message ?? ''}`,
        next_step: 'mend the reason, then send it again in the console',
      };
    case 'instance.disconnected':
      return split(phoneFault(code ?? ''));
    case 'activation.finished':
      return outcome === 'succeeded'
        ? { message: 'the Chatwoot integration is active', next_step: 'nothing' }
        : split(message || 'the activation failed');
    default:
      return undefined;
  }
}

/** Ponte's own sentences say after a dash what to do, and may end in the raw text of the other side. */
function split(message: string): Sentences {
  const [, step = ''] = message.split(' — ');
  return { message, next_step: step.replace(/\.? Detail: .*$/s, '').trim() || LOOK };
}
