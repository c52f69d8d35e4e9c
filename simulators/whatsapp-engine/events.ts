import { catalogueExchange } from './catalogue-shape.ts';
import { bareJid } from './jids.ts';
import { liveExchange } from './live-shape.ts';
import type { Instance, Message } from './rows.ts';

type Json = Record<string, unknown>;

/** The data of `message.exchange`, in the shape that the instance is set to. */
export function exchangeData(instance: Instance, message: Message, baseUrl: string): Json {
  const shape = instance.settings.shape === 'live' ? liveExchange : catalogueExchange;
  return shape(instance, message, baseUrl);
}

/** The data of `message.status`: what became of messages that were sent. */
export function statusData(message: Message, messageIds: readonly string[], status: string): Json {
  const { chat } = message;
  return {
    messageIds,
    status,
    timestamp: new Date().toISOString(),
    chat: { jid: chat.jid, type: chat.type },
    recipient: chat.type === 'private' ? { jid: chat.jid } : {},
    isFromMe: true,
  };
}

/** The data of `instance.state`; `jid` is the phone's, while there is one. */
export function stateData(instance: Instance, state: string): Json {
  return {
    instance: instance.name,
    state,
    ...(state === 'connected' ? { jid: bareJid(`${instance.number}@s.whatsapp.net`) } : {}),
    timestamp: new Date().toISOString(),
  };
}

/** What every webhook of the engine sends. It carries the instance's token, as the real one does. */
export function envelope(instance: Instance, event: string, data: Json, baseUrl: string): string {
  return JSON.stringify({ event, data, instanceData: { baseUrl, instance: instance.name, token: instance.token } });
}
