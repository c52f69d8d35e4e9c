import type { OutgoingMessage } from '../engine.ts';

/** Where messages are sent: at RyzeAPI, and at the api, which offers the same. */
export const sendPath = (kind: OutgoingMessage['kind'], instance: string): string =>
  `/api/message/${kind}/${encodeURIComponent(instance)}`;

/** Where RyzeAPI has the file of a message. */
export const enginesFilePath = (instance: string, whatsappId: string): string =>
  `/api/chat/base64/${encodeURIComponent(instance)}?messageId=${encodeURIComponent(whatsappId)}`;

/** Where the api tells of the picture of a person or group, and where it takes what is done to a message. */
export const apisAvatarPath = (instance: string, address: string): string =>
  `/api/message/avatar/${encodeURIComponent(instance)}/${encodeURIComponent(address)}`;
export const apisActionPath = (instance: string): string => `/api/message/action/${encodeURIComponent(instance)}`;

/** Where the api has it; the answer is the same. `reference` is what the event says of its file. */
export const apisFilePath = (instance: string, whatsappId: string, reference?: string): string => {
  const path = `/api/message/media/${encodeURIComponent(instance)}/${encodeURIComponent(whatsappId)}`;
  return reference === undefined ? path : `${path}?reference=${encodeURIComponent(reference)}`;
};
