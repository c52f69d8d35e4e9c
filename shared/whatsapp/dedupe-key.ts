import { randomUUID } from 'node:crypto';
import type { WhatsappEvent } from '../contracts/whatsapp-event.ts';
import { fieldsOf, labelOf } from './fields.ts';
import { hashOf } from './hash.ts';

// An index takes no value of any length.
const KEY_LENGTH = 200;

/**
 * What tells one event from another within an instance: an engine that did not hear our answer delivers the same one again. At most
 * 200 characters. `envelope` is what the event was read from.
 */
export function dedupeKey(event: WhatsappEvent, envelope: unknown): string {
  const key = keyOf(event, envelope);
  return key.length <= KEY_LENGTH ? key : `${event.kind}:${hashOf(key)}`;
}

function keyOf(event: WhatsappEvent, envelope: unknown): string {
  const data = fieldsOf(fieldsOf(envelope).data);
  switch (event.kind) {
    case 'message':
      return `message:${event.id}`;
    case 'edit':
      // A message may be edited several times, and its edits may carry its own id.
      return `edit:${event.originalId}:${event.id}:${hashOf(event.text)}`;
    case 'revoke':
      return `revoke:${event.originalId}`;
    case 'reaction':
      // Taken back and given again, it is another event.
      return `reaction:${event.originalId}:${hashOf([event.id, event.emoji, event.sender, event.sentAt?.getTime()])}`;
    case 'status':
      return `status:${labelOf(data, 'status')}:${hashOf([event.messageIds, event.chat?.address, data.messageSender])}`;
    case 'state': {
      const at = labelOf(data, 'timestamp');
      // Without a time, a state that returns cannot be told from one that is delivered twice: then nothing is taken for a duplicate.
      return `state:${event.state}:${at === '' ? randomUUID() : at}`;
    }
    case 'call':
      return `call:${event.id}`;
    case 'group':
    case 'other':
      return `${event.kind}:${hashOf(envelope)}`;
  }
}
