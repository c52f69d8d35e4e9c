import type { Content, Person } from '../../whatsapp-engine/content.ts';
import { makeMediaFile } from '../../whatsapp-engine/media-files.ts';
import { protoOf, vcardOf } from './proto.ts';
import type { Session, StoredFile, WahaEngine } from './world.ts';

type Json = Record<string, unknown>;

/** Whose message it is. */
export interface Talk {
  readonly isOurs: boolean;
  readonly person: Person | undefined;
  readonly group: { readonly id: string; readonly name: string } | undefined;
  readonly id: string;
  readonly replyTo: string | undefined;
  readonly atMs: number;
  /** Whether a request to the API sent it: then no engine tells the participant of a group in its name. */
  readonly byApi: boolean;
}

const digits = (phone: string): string => phone.replace(/\D/g, '');
const numberJid = ({ phone }: Person): string | undefined => (phone === undefined ? undefined : `${digits(phone)}@c.us`);
const lidJid = ({ lid }: Person): string | undefined => (lid === undefined ? undefined : `${lid.replace(/@.*$/, '')}@lid`);
/** Who has a lid is called by it, whatever else is known of him. */
const personJid = (person: Person): string => lidJid(person) ?? numberJid(person) ?? '';
const inner = (jid: string | undefined): string | undefined => jid?.replace('@c.us', '@s.whatsapp.net');

export const chatOf = ({ person, group }: Pick<Talk, 'person' | 'group'>): string =>
  group === undefined ? (person === undefined ? '' : personJid(person)) : `${group.id.replace(/@g\.us$/, '')}@g.us`;

export function nameOf(session: Session, talk: Talk): string {
  const name = `${talk.isOurs}_${chatOf(talk)}_${talk.id}`;
  const member = memberOf(session, talk);
  return member === undefined || talk.byApi ? name : `${name}_${member}`;
}

function memberOf(session: Session, { group, isOurs, person }: Talk): string | undefined {
  if (group === undefined) return undefined;
  return isOurs || person === undefined ? `${session.number}@c.us` : personJid(person);
}

/** The file of a message, as the engine would have downloaded it. */
export function fileOf(content: Content): Pick<StoredFile, 'bytes' | 'mimeType' | 'fileName'> | undefined {
  if (!('media' in content)) return undefined;
  const made = makeMediaFile(content.type, { voice: content.type === 'audio' && content.voice });
  const { base64, mimeType, fileName } = content.media;
  return {
    bytes: base64 === undefined ? made.bytes : Buffer.from(base64, 'base64'),
    mimeType: mimeType ?? (base64 === undefined ? made.mimeType : 'application/octet-stream'),
    fileName: fileName ?? made.fileName,
  };
}

/** What stands in `payload` of a message's event, in the form of the engine below. */
export function messagePayload(
  session: Session,
  engine: WahaEngine,
  talk: Talk,
  content: Content,
  file: StoredFile | undefined,
): Json {
  const chat = chatOf(talk);
  const own = `${session.number}@c.us`;
  const isWebjs = engine === 'WEBJS';
  const member = memberOf(session, talk);
  return {
    id: nameOf(session, talk),
    timestamp: Math.floor(talk.atMs / 1_000),
    // WEBJS tells who wrote to whom; the others tell the chat, whoever wrote.
    from: isWebjs && talk.isOurs ? own : chat,
    ...(isWebjs ? { to: talk.isOurs ? chat : own } : {}),
    ...(member === undefined ? {} : { participant: member }),
    fromMe: talk.isOurs,
    source: talk.isOurs && session.sentByApi.has(talk.id) && talk.group === undefined ? 'api' : 'app',
    body: bodyOf(content),
    hasMedia: file !== undefined,
    media:
      file === undefined
        ? null
        : {
            // What WAHA believes its own address to be.
            url: `http://localhost:3000/api/files/${session.name}/${file.path}`,
            mimetype: file.mimeType,
            filename: content.type === 'document' ? file.fileName : null,
            s3: null,
            error: null,
          },
    ack: talk.isOurs ? 1 : 2,
    ackName: talk.isOurs ? 'SERVER' : 'DEVICE',
    location: content.type === 'location' ? locationOf(content) : null,
    vCards: content.type === 'contact' ? content.contacts.map(({ name, phone }) => vcardOf(name, phone)) : null,
    replyTo: talk.replyTo === undefined ? null : { id: talk.replyTo, participant: chat, body: '' },
    _data: dataOf(session, engine, talk, content, file),
  };
}

function bodyOf(content: Content): string | null {
  switch (content.type) {
    case 'text':
      return content.text;
    case 'image':
    case 'video':
    case 'document':
      return content.caption ?? '';
    case 'buttons_response':
      return content.text;
    case 'list_response':
      return [content.title, content.description].filter(Boolean).join('\n');
    default:
      return null;
  }
}

/** As text, as some engines have it. */
const locationOf = ({ latitude, longitude, name, address }: Content & { type: 'location' }): Json => ({
  live: false,
  latitude: String(latitude),
  longitude: String(longitude),
  name,
  address,
});

function dataOf(session: Session, engine: WahaEngine, talk: Talk, content: Content, file: StoredFile | undefined): Json {
  const pushName = talk.isOurs ? session.name : (talk.person?.name ?? '');
  const proto = () => protoOf(content, file, talk.replyTo, engine === 'GOWS');
  const seconds = Math.floor(talk.atMs / 1_000);
  const chat = inner(chatOf(talk));
  // The number of somebody who is called by his lid, where it is known.
  const alternative = talk.person?.lid === undefined ? undefined : inner(numberJid(talk.person));
  const member = inner(memberOf(session, talk));
  const isGroup = talk.group !== undefined;
  switch (engine) {
    case 'NOWEB':
      return {
        key: {
          remoteJid: chat,
          fromMe: talk.isOurs,
          id: talk.id,
          ...(isGroup ? { participant: member, participantAlt: alternative } : { remoteJidAlt: alternative }),
        },
        message: { ...proto(), messageContextInfo: { messageSecret: 'c2VjcmV0' } },
        messageTimestamp: String(seconds),
        pushName,
        status: 2,
      };
    case 'GOWS':
      return {
        Info: {
          Chat: chat,
          Sender: isGroup ? member : chat,
          IsFromMe: talk.isOurs,
          IsGroup: isGroup,
          ...(talk.isOurs ? { RecipientAlt: alternative ?? '' } : { SenderAlt: alternative ?? '' }),
          ID: talk.id,
          PushName: pushName,
          Timestamp: new Date(talk.atMs).toISOString(),
        },
        Message: proto(),
      };
    case 'WEBJS':
      return {
        id: { fromMe: talk.isOurs, remote: chatOf(talk), id: talk.id, _serialized: nameOf(session, talk) },
        type: WEBJS_TYPES[content.type] ?? (content.type === 'audio' ? (content.voice ? 'ptt' : 'audio') : content.type),
        t: seconds,
        notifyName: pushName,
        ...(file === undefined ? {} : { mimetype: file.mimeType, filename: file.fileName, mediaKey: 'a2V5' }),
        ...(talk.replyTo === undefined ? {} : { quotedStanzaID: talk.replyTo }),
      };
  }
}

const WEBJS_TYPES: Readonly<Record<string, string>> = {
  text: 'chat',
  contact: 'vcard',
  message_revoke: 'revoked',
  buttons_response: 'buttons_response',
};
