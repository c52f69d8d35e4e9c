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
