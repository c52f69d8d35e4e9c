import type { Content, Person } from '../../whatsapp-engine/content.ts';
import { makeMediaFile } from '../../whatsapp-engine/media-files.ts';
import { protoOf } from '../waha/proto.ts';
import type { Session, StoredFile } from './world.ts';

type Json = Record<string, unknown>;

/** Whose message it is. */
export interface Talk {
  readonly isOurs: boolean;
  readonly person: Person | undefined;
  readonly group: { readonly id: string; readonly name: string } | undefined;
  readonly id: string;
  readonly replyTo: string | undefined;
  readonly atMs: number;
}

const digits = (phone: string): string => phone.replace(/\D/g, '');
const numberJid = ({ phone }: Person): string => (phone === undefined ? '' : `${digits(phone)}@s.whatsapp.net`);
const lidJid = ({ lid }: Person): string => (lid === undefined ? '' : `${lid.replace(/@.*$/, '')}@lid`);

export const chatOf = ({ person, group }: Pick<Talk, 'person' | 'group'>): string =>
  group === undefined
    ? person === undefined
      ? ''
      : lidJid(person) || numberJid(person)
    : `${group.id.replace(/@g\.us$/, '')}@g.us`;

export function fileOf(content: Content): StoredFile | undefined {
  if (!('media' in content)) return undefined;
  const made = makeMediaFile(content.type, { voice: content.type === 'audio' && content.voice });
  const { base64, mimeType, fileName } = content.media;
  return {
    bytes: base64 === undefined ? made.bytes : Buffer.from(base64, 'base64'),
    mimeType: mimeType ?? (base64 === undefined ? made.mimeType : 'application/octet-stream'),
    fileName: fileName ?? made.fileName,
  };
}

export const mediaKeyOf = (id: string): string => Buffer.from(`key of ${id}`).toString('base64');

/** Go's time, with an offset and without fractions. */
const timeOf = (atMs: number): string => new Date(atMs - 3 * 3_600_000).toISOString().replace(/\.\d+Z$/, '-03:00');

/** `events.Message` as Go writes it. */
export function messageOf(session: Session, talk: Talk, content: Content, file: StoredFile | undefined): Json {
  const { person, isOurs, id } = talk;
  const chat = chatOf(talk);
  const own = `${digits(session.number)}:12@s.whatsapp.net`;
  const author = person === undefined ? '' : lidJid(person) || numberJid(person);
  // The number of somebody who is called by his lid, where it is known.
  const alternative = person?.lid === undefined ? '' : numberJid(person);
  const proto = protoOf(content, file, talk.replyTo, true);
  return {
    Info: {
      Chat: chat,
      Sender: isOurs ? own : author,
      IsFromMe: isOurs,
      IsGroup: talk.group !== undefined,
      AddressingMode: person?.lid === undefined ? 'pn' : 'lid',
      SenderAlt: isOurs ? '' : alternative,
      RecipientAlt: isOurs ? alternative : '',
      ID: id,
      ServerID: 0,
      Type: file === undefined ? 'text' : 'media',
      PushName: isOurs ? session.name : (person?.name ?? ''),
      Timestamp: timeOf(talk.atMs),
      Category: '',
      MediaType: '',
      Edit: content.type === 'edit' ? '1' : content.type === 'message_revoke' ? '7' : '',
      DeviceSentMeta: null,
    },
    Message: file === undefined ? proto : withKeys(proto, id, file),
    RawMessage: proto,
    IsEphemeral: false,
    IsViewOnce: false,
    IsEdit: content.type === 'edit',
  };
}

function withKeys(proto: Json, id: string, file: StoredFile): Json {
  const keys = {
    directPath: '/v/t62.enc',
    mediaKey: mediaKeyOf(id),
    fileEncSHA256: 'AAEC+/8=',
    fileSHA256: 'AAEC+/8=',
    fileLength: file.bytes.length,
    JPEGThumbnail: '/9j/',
  };
  return Object.fromEntries(Object.entries(proto).map(([name, value]) => [name, { ...(value as Json), ...keys }]));
}

/** `events.Receipt`. */
export const receiptOf = (chat: string, id: string, type: string): Json => ({
  Chat: chat,
  Sender: chat.endsWith('@g.us') ? '5511900000088@s.whatsapp.net' : chat,
  IsFromMe: false,
  IsGroup: chat.endsWith('@g.us'),
  MessageIDs: [id],
  Timestamp: timeOf(Date.now()),
  Type: type,
});
