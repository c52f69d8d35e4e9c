import { cutTo } from '../../text/cut.ts';
import type { Media, MessageBody } from '../event.ts';
import { type Fields, fieldsOf, idOf, isFields, labelOf, listOf, textOf } from '../fields.ts';
import { type Context, readContext } from './context.ts';
import { loweredFields } from './lowered.ts';
import { type ProtoMedia, readProtoMedia } from './media.ts';
import { anyText, readChoice, readContacts, readLocation, readOffer, readPoll } from './parts.ts';
import { type Part, unwrap } from './unwrap.ts';
import { readEnum } from './values.ts';

/** What a message of WhatsApp's own protobuf format says. */
export type ProtoContent =
  | ({ readonly kind: 'message'; readonly body: MessageBody } & Context)
  /** An empty text: WhatsApp keeps it from linked devices, or the engine could not open it. */
  | { readonly kind: 'edit'; readonly originalId: string; readonly text: string }
  | { readonly kind: 'revoke'; readonly originalId: string }
  | { readonly kind: 'reaction'; readonly originalId: string; readonly emoji: string }
  /** What phones tell each other and no person wrote, or nothing at all. */
  | { readonly kind: 'nothing'; readonly name: string };

/** What an engine tells beside the protobuf message. */
export interface Beside {
  /** Where the file of the message is to be had. */
  readonly file?: Pick<Media, 'base64' | 'urls' | 'reference'>;
  /** For what the engine knows better than the message. */
  readonly fileName?: string;
  readonly mimeType?: string;
  /** `contextInfo`, where it stands outside of what it belongs to. */
  readonly context?: unknown;
  /** What was chosen in a poll, where the engine has decrypted the vote. Empty: taken back. */
  readonly vote?: { readonly question: string; readonly options: readonly string[] } | undefined;
}

// One emoji with all that may be joined to it, and some room.
const EMOJI_LENGTH = 50;

const TECHNICAL = new Set([
  'pininchatmessage',
  'keepinchatmessage',
  'stickersyncrmrmessage',
  'albummessage',
  'call',
  'chat',
  'calllogmesssage',
  'bcallmessage',
  'messagehistorybundle',
  'messagehistorynotice',
  'encreactionmessage',
  'enceventresponsemessage',
  'limitsharingmessage',
  'statusnotificationmessage',
]);

/**
 * Reads `Message` of WhatsApp's protobuf in JSON, as Baileys or whatsmeow write it: either spelling of its fields, bytes and 64-bit numbers
 * in any form, wrapped in whatever. Never throws, and never keeps silent about what a person sent.
 */
export function readContent(message: unknown, beside: Beside = {}): ProtoContent {
  const part = unwrap(loweredFields(message));
  const { name, siblings } = part;
  if (name === '') return { kind: 'nothing', name: Object.keys(siblings)[0] ?? 'empty' };
  const fields = fieldsOf(part.value);
  switch (name) {
    case 'protocolmessage':
      return readProtocol(fields);
    case 'secretencryptedmessage':
      return readSecret(fields);
    case 'reactionmessage':
      return {
        kind: 'reaction',
        originalId: idOf(fieldsOf(fields.key), 'id'),
        emoji: cutTo(labelOf(fields, 'text'), EMOJI_LENGTH),
      };
    default:
      if (TECHNICAL.has(name)) return { kind: 'nothing', name };
      return { kind: 'message', body: readBody(part, beside), ...contextOf(part, beside) };
  }
}

const PROTOCOL_TYPES = { 0: 'REVOKE', 14: 'MESSAGE_EDIT' } as const;

/** A `protocolMessage` in lower case. Its key is seen from the side of who did it, so nothing but the id of it can be used. */
function readProtocol(fields: Fields): ProtoContent {
  const originalId = idOf(fieldsOf(fields.key), 'id');
  const type = readEnum(fields.type, PROTOCOL_TYPES);
  if (originalId !== '' && type === 'REVOKE') return { kind: 'revoke', originalId };
  if (originalId !== '' && type === 'MESSAGE_EDIT')
    return { kind: 'edit', originalId, text: textOfMessage(fields.editedmessage) };
  return { kind: 'nothing', name: `protocol ${labelOf(fields, 'type').toLowerCase()}`.trim() };
}

/** As {@link readContent}, for an engine that hands the `protocolMessage` itself over. */
export const readProtocolMessage = (protocolMessage: unknown): ProtoContent => readProtocol(loweredFields(protocolMessage));

/** The text, or of media the caption, that an edit gives. */
/** Of one of another event: the text of it, or its caption. */
function textOfMessage(message: unknown): string {
  const { name, value } = unwrap(fieldsOf(message));
  if (typeof value === 'string') return textOf({ value }, 'value');
  return name === 'protocolmessage' ? textOfMessage(fieldsOf(value).editedmessage) : textOf(fieldsOf(value), 'text', 'caption');
}

const SECRET_TYPES = { 1: 'EVENT_EDIT', 2: 'MESSAGE_EDIT' } as const;

function readSecret(fields: Fields): ProtoContent {
  const originalId = idOf(fieldsOf(fields.targetmessagekey), 'id');
  const isEdit = readEnum(fields.secretenctype, SECRET_TYPES) === 'MESSAGE_EDIT';
  return isEdit && originalId !== '' ? { kind: 'edit', originalId, text: '' } : { kind: 'nothing', name: 'secret' };
}

function contextOf({ value, siblings }: Part, beside: Beside): Context {
  const own = fieldsOf(fieldsOf(value).contextinfo);
  const context = { ...loweredFields(beside.context), ...fieldsOf(siblings.contextinfo), ...own };
  return { ...readContext(context), quotedText: textOfMessage(context.quotedmessage) || undefined };
}

function readBody({ name, value }: Part, beside: Beside): MessageBody {
  if (name === 'conversation') return { type: 'text', text: plainText(value) };
  const fields = fieldsOf(value);
  const media = readProtoMedia(name, fields);
  if (media !== undefined) return mediaBody(media, beside);
  if (/^pollcreationmessage/.test(name)) return readPoll(fields);
  switch (name) {
    case 'extendedtextmessage':
      return { type: 'text', text: plainText(fields.text) };
    case 'locationmessage':
      return readLocation(fields, fields.islive === true) ?? unsupported(name, fields);
    case 'livelocationmessage':
      return readLocation(fields, true) ?? unsupported(name, fields);
    case 'contactmessage':
      return readContacts([fields]) ?? unsupported(name, fields);
    case 'contactsarraymessage':
      return readContacts(listOf(fields.contacts)) ?? unsupported(name, fields);
    case 'pollupdatemessage':
      return readVote(fields, beside);
    case 'placeholdermessage':
      return { type: 'placeholder' };
    default:
      return readChoice(name, fields) ?? offerBody(name, fields, beside) ?? unsupported(name, fields);
  }
}

/** A text of blanks is one, too, where the message can be nothing else. */
const plainText = (value: unknown): string => textOf({ value }, 'value') || (typeof value === 'string' ? value : '');

const mediaBody = ({ caption, ...media }: ProtoMedia, { file, fileName, mimeType }: Beside): MessageBody => ({
  type: 'media',
  caption,
  media: {
    ...media,
    fileName: media.fileName || (fileName ?? ''),
    mimeType: media.mimeType || (mimeType ?? ''),
    base64: file?.base64,
    urls: file?.urls ?? [],
    reference: file?.reference,
  },
});

/** Its text, on top of the picture or the file that it may begin with. */
function offerBody(name: string, fields: Fields, beside: Beside): MessageBody | undefined {
  const offer = readOffer(name, fields);
  if (offer === undefined) return undefined;
  for (const [inner, value] of Object.entries(offer.header)) {
    const media = isFields(value) ? readProtoMedia(inner, value) : undefined;
    if (media !== undefined) return mediaBody({ ...media, caption: offer.text }, beside);
  }
  return offer.text === '' ? undefined : { type: 'text', text: offer.text };
}

/** What an engine that has not decrypted a vote tells says only that there was one. */
function readVote(fields: Fields, { vote }: Beside): MessageBody {
  const { selectedoptions: selected } = fieldsOf(fields.vote);
  const told = Array.isArray(selected) && selected.every((option) => typeof option === 'string') ? selected : undefined;
  if (vote === undefined && told === undefined) return { type: 'unsupported', name: 'poll vote', text: '' };
  const options = told ?? vote?.options ?? [];
  return { type: 'vote', question: vote?.question ?? '', options: options.map((option) => labelOf({ option }, 'option')) };
}

/** `scheduledcallcreationmessage` is no name to show, but there is none better; `message` says nothing. */
const unsupported = (name: string, fields: Fields): MessageBody => ({
  type: 'unsupported',
  name: SHOWN_NAMES[name] ?? (name.replace(/message(v\d+)?$/, '') || 'unknown'),
  text: anyText(fields),
});

const SHOWN_NAMES: Readonly<Record<string, string>> = {
  groupinvitemessage: 'group invitation',
  requestpaymentmessage: 'payment request',
  sendpaymentmessage: 'payment',
  paymentinvitemessage: 'payment invitation',
  declinepaymentrequestmessage: 'payment declined',
  cancelpaymentrequestmessage: 'payment cancelled',
  scheduledcallcreationmessage: 'scheduled call',
  scheduledcalleditmessage: 'scheduled call',
  stickerpackmessage: 'sticker pack',
  requestphonenumbermessage: 'request for the phone number',
  newsletteradmininvitemessage: 'channel invitation',
  pollresultsnapshotmessage: 'poll result',
};
