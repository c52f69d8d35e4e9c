import type { MediaKind } from '../../shared/engines/event.ts';
import { PonteError } from '../../shared/errors/ponte-error.ts';
import type { Texts } from './texts.ts';
import { timeOf } from './times.ts';

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const FILES: Readonly<Record<MediaKind, string>> = {
  image: 'picture',
  video: 'video',
  audio: 'audio file',
  voice: 'voice message',
  video_note: 'video message',
  sticker: 'sticker',
  document: 'document',
};

export const en: Texts = {
  missingFile: (kind, reason, mayFollow) =>
    `⚠️ A ${FILES[kind]} belongs here, but ${reason} — ${mayFollow ? 'it follows as soon as it can; until then see it on the phone' : 'see it on the phone'}`,
  fileReasons: {
    tooLarge: 'it is larger than 40 MB',
    apiSilent: 'the api does not answer',
    addressSilent: 'its address does not answer',
    addressEmpty: 'its address has no such file',
    engineAway: 'the WhatsApp engine is not reachable',
    engineNotConfigured: 'no WhatsApp engine is configured to fetch it from',
    engineHasNone: 'the WhatsApp engine no longer has it',
    chatwootRefuses: 'Chatwoot does not take the file at the moment',
  },
  fileTooLargeForChatwoot: (megabytes) => `Chatwoot takes no file of ${megabytes} MB`,
  location: 'Location',
  liveLocation: 'Live location',
  contact: 'Contact',
  optionChosen: 'An option was chosen — see it on the phone',
  voted: (options) => `voted: ${options}`,
  voteTakenBack: 'took the vote back',
  placeholder: '⏳ Waiting for this message — it may be on the phone already',
  unsupported: (name) => `ℹ️ A message of a kind that cannot be shown here (${name}) — see it on the phone`,
  ad: 'From an ad',
  edited: 'Edited',
  editedUnseen: 'Edited — see the new text on the phone',
  reactionRemoved: 'Reaction removed',
  deletedOnWhatsapp: 'This message was deleted on WhatsApp',
  call: (video) => `${video ? 'Video' : 'Voice'} call on WhatsApp — it can only be answered on the phone`,
  forwarded: 'Forwarded',
  unknownMember: 'Unknown member',
  writtenAt: (at) => `${at.getUTCDate()} ${MONTHS[at.getUTCMonth()] ?? ''} ${at.getUTCFullYear()}, ${timeOf(at)} UTC`,
  historyHeading:
    '📜 What follows was written on WhatsApp before this inbox was connected. Each message says when; nobody is notified of it.',
  fromPhone: 'Written on the phone',
  undelivered: 'WhatsApp could not deliver the message',
  endedUnsent: 'the integration with Ponte ended before this was sent — send it again',
  notSent: (reason) => `⚠️ Not sent to WhatsApp: ${reason}`,
  notDeleted: (reason) => `⚠️ Deleted here only, the customer still sees the message: ${reason}`,
  replyReasons: {
    noNumber: 'the contact has no WhatsApp number — give it a phone number in Chatwoot, then retry',
    statusTakesNoReply: 'nobody can reply to a status or to a broadcast list',
    groupsIgnored:
      'this integration leaves groups alone (ignoreGroups) — write from the phone, or have it activated without ignoreGroups',
    attachmentWithoutAddress: 'Chatwoot gave no address for the attachment — attach it again in a new message',
    locationEmpty: 'the location has no coordinates',
    cardEmpty: 'the contact card is empty',
    attachmentEmpty: 'the attachment is empty',
    attachmentMissing: 'Chatwoot does not have the attachment — attach it again in a new message',
    tooLate: 'Ponte learned of this message only long after it was written — retry to send it now, or write it again',
    unreadable: 'the stored message cannot be read — write it again',
    outcomeUnknown: new PonteError('engine_outcome_unknown').message,
    noApi: 'there is no api at BRIDGE_INTERNAL_RYZEAPI_URL',
  },
  apiUnreachable: (detail) => `the api is unreachable: ${detail}`,
  apiStatus: (status) => `the api answered HTTP ${status}`,
  databaseSilent: (detail) => `the database did not answer: ${detail}`,
  apiErrors: 'as told',
};
