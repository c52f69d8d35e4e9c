import { randomUUID } from 'node:crypto';
import { hashOf } from '../content-hash.ts';
import type { MessageEvent, WhatsappEvent } from './event.ts';
import { fullnessOf } from './fullness.ts';

// An index takes no value of any length.
const KEY_LENGTH = 200;

/**
 * What tells one event from another within an instance: an engine that did not hear our answer delivers the same one again. At most
 * 200 characters. `payload` is what the event was read from.
 */
export function dedupeKey(event: WhatsappEvent, payload: unknown): string {
  const key = keyOf(event, payload);
  return key.length <= KEY_LENGTH ? key : `${event.kind}:${hashOf(key)}`;
}

/** What brings more of a message than an earlier event is another one, under the same id. */
function messageKey({ id, body }: MessageEvent): string {
  const fullness = fullnessOf(body);
  return fullness === 'whole' ? `message:${id}` : `message:${id}:${fullness}`;
}

function keyOf(event: WhatsappEvent, payload: unknown): string {
  switch (event.kind) {
    case 'message':
      return messageKey(event);
    case 'edit':
      // A message may be edited several times, and its edits may carry its own id.
      return `edit:${event.originalId}:${event.id}:${hashOf(event.text)}`;
    case 'revoke':
      return `revoke:${event.originalId}`;
    case 'reaction':
      // Taken back and given again, it is another event.
      return `reaction:${event.originalId}:${hashOf([event.id, event.emoji, event.sender, event.sentAt?.getTime()])}`;
    case 'status':
      return `status:${event.told}:${hashOf([event.messageIds, event.chat?.address, event.member])}`;
    case 'state':
      // Without a time, a state that returns cannot be told from one that is delivered twice: then nothing is taken for a duplicate.
      return `state:${event.state}:${event.at === '' ? randomUUID() : event.at}`;
    case 'call':
      return `call:${event.id}`;
    case 'group':
    case 'history_end':
    case 'other':
      return `${event.kind}:${hashOf(payload)}`;
  }
}
