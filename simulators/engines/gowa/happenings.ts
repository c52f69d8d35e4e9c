import { createHmac } from 'node:crypto';
import type { Content } from '../../whatsapp-engine/content.ts';
import type { Deliveries } from '../deliveries.ts';
import { chatOf, type Downloads, eventOf, fileOf, ownJid, type Talk } from './payloads.ts';
import type { Device } from './world.ts';

/** What every delivery is signed with until somebody sets another secret. */
const DEFAULT_SECRET = 'secret';

/** What happens on WhatsApp, and is told to the device's webhook. */
export function createHappenings(deps: { deliveries: Deliveries; downloads: () => Downloads }) {
  const { deliveries, downloads } = deps;

  function tell(device: Device, event: string, payload: Record<string, unknown>, more: Record<string, unknown> = {}): void {
    const { webhook } = device;
    if (webhook === undefined || webhook.webhook_url === '') return;
    const wanted = webhook.webhook_events.split(',').filter((name) => name !== '');
    if (wanted.length > 0 && !wanted.includes(event)) return;
    const body = JSON.stringify({ event, device_id: ownJid(device), session_id: device.name, ...more, payload });
    const signature = createHmac('sha256', webhook.webhook_secret || DEFAULT_SECRET)
      .update(body)
      .digest('hex');
    deliveries.send({ url: webhook.webhook_url, body, headers: { 'x-hub-signature-256': `sha256=${signature}` } });
  }

  return {
    /** Tells of a message, a reaction, an edit or a deletion. */
    happen(device: Device, talk: Talk, content: Content): void {
      const file = fileOf(content, downloads());
      device.messages.set(talk.id, { id: talk.id, chat: chatOf(talk), isOurs: talk.isOurs, file });
      const { event, payload } = eventOf(device, talk, content, file, downloads());
      tell(device, event, payload);
    },
    receipt(device: Device, id: string, type: 'delivered' | 'read' | 'server-error'): void {
      const message = device.messages.get(id);
      if (message === undefined) return;
      const isGroup = message.chat.endsWith('@g.us');
      tell(
        device,
        'message.ack',
        {
          ids: [id],
          chat_id: message.chat,
          from: isGroup ? '5511900000088@s.whatsapp.net' : message.chat,
          receipt_type: type,
          receipt_type_description: '',
        },
        { timestamp: new Date().toISOString() },
      );
    },
  };
}
export type Happenings = ReturnType<typeof createHappenings>;
