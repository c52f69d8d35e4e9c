import { proto } from 'baileys/WAProto/index.js';

export type ProtoMessage = proto.IMessage;

/** The forms in which JSON of one and the same protobuf message reaches us. */
export const protoForms = {
  /** What protobufjs writes by itself: base64, decimal strings, names of enums. */
  'by its own toJSON': (message: ProtoMessage) => JSON.parse(JSON.stringify(received(message))),
  /** A copy of the decoded object, as soon as somebody spreads or clones it: index objects, `{low, high}`, numbers, empty lists. */
  'as a plain copy': (message: ProtoMessage) => JSON.parse(JSON.stringify(structuredClone(received(message)))),
  /** Node's own form of bytes. */
  'with buffers': (message: ProtoMessage) => JSON.parse(JSON.stringify(proto.Message.toObject(received(message)))),
  /** As whatsmeow names fields: abbreviations in capitals. */
  'in the spelling of whatsmeow': (message: ProtoMessage) => respelled(JSON.parse(JSON.stringify(received(message)))),
} satisfies Record<string, (message: ProtoMessage) => unknown>;

/**
 * A message as Evolution API tells of it in its `data`, of what Baileys hands to it: in one of the two forms in which its versions have
 * written protobuf messages.
 */
export const evolutionForms = {
  'by Baileys’ own toJSON (2.2)': (info: WebMessage) => dataOf(JSON.parse(JSON.stringify(receivedInfo(info)))),
  'as a plain copy (2.3 and later)': (info: WebMessage) =>
    dataOf(JSON.parse(JSON.stringify(structuredClone(receivedInfo(info))))),
} satisfies Record<string, (info: WebMessage) => unknown>;

export type WebMessage = proto.IWebMessageInfo;

const receivedInfo = (info: WebMessage): proto.WebMessageInfo =>
  proto.WebMessageInfo.decode(proto.WebMessageInfo.encode(proto.WebMessageInfo.fromObject(info)).finish());

/** What Evolution takes of it, and adds to it. */
function dataOf({ key, pushName, message, messageTimestamp }: Record<string, unknown>): Record<string, unknown> {
  const messageType = Object.keys(Object(message)).find((name) => name !== 'messageContextInfo') ?? 'unknown';
  return { key, pushName, status: 'DELIVERY_ACK', message, messageType, messageTimestamp, instanceId: 'uuid', source: 'android' };
}

/** As WhatsApp hands it over: encoded and decoded by Baileys' own types. */
const received = (message: ProtoMessage): proto.Message =>
  proto.Message.decode(proto.Message.encode(proto.Message.fromObject(message)).finish());

const ABBREVIATIONS = /^(id|url|ptt)$|(Id|Jid|Url|Sha256|Ms)(?=[A-Z]|$)|^jpeg/g;

function respelled(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(respelled);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key.replace(ABBREVIATIONS, (part) => part.toUpperCase()), respelled(inner)]),
  );
}
