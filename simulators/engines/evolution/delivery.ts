import type { Deliveries } from '../deliveries.ts';
import type { Told } from './events.ts';
import type { Layout } from './proto.ts';
import type { EvolutionInstance, StoredWebhook } from './world.ts';

const COMMON = [
  'APPLICATION_STARTUP',
  'QRCODE_UPDATED',
  'MESSAGES_SET',
  'MESSAGES_UPSERT',
  'MESSAGES_UPDATE',
  'MESSAGES_DELETE',
  'SEND_MESSAGE',
  'CONTACTS_SET',
  'CONTACTS_UPSERT',
  'CONTACTS_UPDATE',
  'PRESENCE_UPDATE',
  'CHATS_SET',
  'CHATS_UPSERT',
  'CHATS_UPDATE',
  'CHATS_DELETE',
  'GROUPS_UPSERT',
  'GROUP_UPDATE',
  'GROUP_PARTICIPANTS_UPDATE',
  'CONNECTION_UPDATE',
  'LABELS_EDIT',
  'LABELS_ASSOCIATION',
  'CALL',
  'TYPEBOT_START',
  'TYPEBOT_CHANGE_STATUS',
  'REMOVE_INSTANCE',
  'LOGOUT_INSTANCE',
];

/** The names of events that a version takes. */
export const eventNames = (layout: Layout): readonly string[] =>
  layout === '2.2'
    ? COMMON
    : [...COMMON, 'MESSAGES_EDITED', 'SEND_MESSAGE_UPDATE', 'INSTANCE_CREATE', 'INSTANCE_DELETE', 'STATUS_INSTANCE'];

const nameOf = (event: string): string => event.replace(/[.-]/g, '_').toUpperCase();

/** Posts events, each by itself and at once, wherever the webhook leads. */
export function createTelling(deps: { deliveries: Deliveries; layout: Layout; serverUrl: () => string }) {
  const { deliveries, layout, serverUrl } = deps;
  return function tell(instance: EvolutionInstance, { event, data }: Told): void {
    const { webhook } = instance;
    if (webhook === null || !webhook.enabled || !wants(webhook, event)) return;
    const url = webhook.webhookByEvents ? `${webhook.url}/${event.replace(/\./g, '-')}` : webhook.url;
    const body = {
      event,
      instance: instance.name,
      data,
      destination: url,
      // Local time that says that it is UTC.
      date_time: new Date(Date.now() - 10_800_000).toISOString(),
      sender: `${instance.number}@s.whatsapp.net`,
      server_url: serverUrl(),
      apikey: instance.token,
    };
    const version: Record<string, string> =
      layout === '2.4' ? { 'user-agent': 'EvolutionAPI-Webhook', 'x-event-type': event } : { 'user-agent': 'axios/1.7.9' };
    deliveries.send({ url, body: JSON.stringify(body), headers: { ...version, ...webhook.headers } });
  };
}

const wants = ({ events }: StoredWebhook, event: string): boolean => events.includes(nameOf(event));
