import type { WhatsappEvent } from '../../shared/engines/event.ts';
import { engineOf } from '../../shared/engines/registry.ts';

export const JID = '5511999999999@s.whatsapp.net';

/** What the wire carries: half in `data`, half in `data.message`, the content a string. */
export const wire = (message: object, data: object = {}) => ({
  event: 'message.exchange',
  data: {
    id: '3EB0AA',
    direction: 'incoming',
    timestamp: '2026-04-28T10:30:00Z',
    chat: { jid: JID, lid: '100@lid', name: 'Maria', type: 'private' },
    sender: { jid: JID, lid: '100@lid', name: 'Maria' },
    recipient: {},
    ...data,
    message: {
      type: 'text',
      content: '',
      source: '',
      isEdit: false,
      edit: null,
      context: null,
      location: {},
      contact: {},
      reaction: {},
      interactive: {},
      ...message,
    },
  },
  instanceData: { baseUrl: 'https://api.example.com', instance: 'suporte', token: 'secret' },
});

/** What the documentation shows: everything in `data.message`, the content an object, numbers without a suffix. */
export const documented = (message: object) => ({
  event: 'message.exchange',
  data: {
    id: '3EB0AA',
    message: {
      id: '3EB0AA',
      direction: 'incoming',
      timestamp: '2026-04-28T10:30:00Z',
      chat: { jid: '5511999999999', lid: '100@s.whatsapp.net', name: 'Maria', type: 'private' },
      sender: { jid: '5511999999999', lid: '100@s.whatsapp.net', name: 'Maria' },
      ...message,
    },
  },
});

export const { readEvent } = engineOf('ryzeapi');

/** Reads an event as RyzeAPI's engine does. */
export function parse(envelope: unknown): WhatsappEvent {
  const parsed = readEvent(envelope);
  if (!parsed.ok) throw new Error(parsed.fault);
  return parsed.event;
}
