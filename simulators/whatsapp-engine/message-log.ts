import { randomBytes } from 'node:crypto';
import { type Content, type Incoming, incomingSchema, type MediaKind, type Person, type Typed, typedSchema } from './content.ts';
import { chatTypeOf, lidJid, phoneJid } from './jids.ts';
import { makeMediaFile } from './media-files.ts';
import type { Instance, Message } from './rows.ts';

/** Ids of messages that the engine itself sends begin like this. */
const newApiMessageId = (): string => `3EB0${randomBytes(9).toString('hex').toUpperCase()}`;
/** Those of a phone do not. */
const newPhoneMessageId = (): string => randomBytes(16).toString('hex').toUpperCase();

const SUFFIX: Record<string, string> = {
  'image/jpeg': 'jpg',
  'image/png': 'png',
  'image/webp': 'webp',
  'audio/ogg': 'ogg',
  'audio/mpeg': 'mp3',
  'video/mp4': 'mp4',
  'application/pdf': 'pdf',
};

/** A message of somebody else, as the engine keeps it. */
export function incomingMessage(instance: Instance, input: Incoming): Message {
  const { from, group, content, replyTo, id, timestamp } = incomingSchema.parse(input);
  const sender = partyOf(from);
  return {
    ...commonParts(instance, content, replyTo),
    id: id ?? newPhoneMessageId(),
    direction: 'incoming',
    origin: 'contact',
    timestamp: timestamp ?? new Date().toISOString(),
    chat: group ? groupChat(group) : { ...sender, type: 'private', isCommunity: false },
    sender,
  };
}

/** A message that the owner of the number typed on the phone. */
export function typedMessage(instance: Instance, input: Typed): Message {
  const { to, group, content, replyTo, id, timestamp } = typedSchema.parse(input);
  if ((to === undefined) === (group === undefined)) throw new Error('a message goes to a person or to a group');
  return {
    ...commonParts(instance, content, replyTo),
    id: id ?? newPhoneMessageId(),
    direction: 'outgoing',
    origin: 'phone',
    timestamp: timestamp ?? new Date().toISOString(),
    chat: group ? groupChat(group) : { ...partyOf(to ?? { name: '' }), type: 'private', isCommunity: false },
    sender: ownParty(instance),
  };
}

/** A message that a request to the api sends; `jid` is where it goes. */
export function apiMessage(
  instance: Instance,
  sending: {
    jid: string;
    chatName: string;
    content: Content;
    replyTo: string | undefined;
    source: string;
    request: Record<string, unknown>;
  },
): Message {
  const { jid, chatName, content, replyTo, source, request } = sending;
  return {
    ...commonParts(instance, content, replyTo),
    id: newApiMessageId(),
    direction: 'outgoing',
    origin: 'api',
    timestamp: new Date().toISOString(),
    chat: { jid, lid: jid.endsWith('@lid') ? jid : null, name: chatName, type: chatTypeOf(jid), isCommunity: false },
    sender: ownParty(instance),
    source,
    request,
  };
}

function commonParts(instance: Instance, content: Content, replyTo: string | undefined) {
  const media = 'media' in content ? storedMedia(content) : null;
  // The file is kept once, with the message, and not with what it says.
  const told = 'media' in content ? { ...content, media: {} } : content;
  return { instance: instance.name, content: told, media, replyTo: replyTo ?? null, source: '', request: null };
}

function storedMedia(content: Content & { type: MediaKind }): Message['media'] {
  const made = makeMediaFile(content.type, { voice: content.type === 'audio' && content.voice });
  const { base64, mimeType, fileName } = content.media;
  const kind = mimeType ?? (base64 === undefined ? made.mimeType : 'application/octet-stream');
  const suffix = SUFFIX[kind.split(';')[0] ?? ''];
  return {
    kind: content.type,
    mimeType: kind,
    fileName: fileName ?? (base64 === undefined ? made.fileName : `${content.type}${suffix ? `.${suffix}` : ''}`),
    base64: base64 ?? made.bytes.toString('base64'),
    key: randomBytes(16).toString('hex'),
  };
}

function partyOf(person: Person): Message['sender'] {
  const lid = person.lid === undefined ? null : lidJid(person.lid);
  return { jid: person.phone === undefined ? (lid ?? '') : phoneJid(person.phone), lid, name: person.name };
}

const ownParty = (instance: Instance): Message['sender'] => ({
  jid: phoneJid(instance.number),
  lid: null,
  name: instance.displayName,
});

function groupChat({ id, name, isCommunity }: { id: string; name: string; isCommunity: boolean }): Message['chat'] {
  return { jid: id.endsWith('@g.us') ? id : `${id}@g.us`, lid: null, name, type: 'group', isCommunity };
}
