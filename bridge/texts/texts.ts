import type { Language } from '../../shared/activations/language.ts';
import type { MediaKind } from '../../shared/engines/event.ts';
import type { ErrorCode } from '../../shared/errors/catalogue.ts';
import { cutTo } from '../../shared/text/cut.ts';
import { en } from './en.ts';
import { es } from './es.ts';
import { pt } from './pt.ts';

/** Why the file of a message is not in Chatwoot. */
export type FileReason =
  | 'tooLarge'
  | 'apiSilent'
  | 'addressSilent'
  | 'addressEmpty'
  | 'engineAway'
  | 'engineNotConfigured'
  | 'engineHasNone'
  | 'chatwootRefuses';

/** Why an agent's message, or what he did to one, does not reach WhatsApp; where the bridge itself says so. */
export type ReplyReason =
  | 'noNumber'
  | 'statusTakesNoReply'
  | 'groupsIgnored'
  | 'attachmentWithoutAddress'
  | 'locationEmpty'
  | 'cardEmpty'
  | 'attachmentEmpty'
  | 'attachmentMissing'
  | 'tooLate'
  | 'unreadable'
  | 'outcomeUnknown'
  | 'noApi';

/** Errors of the api that an agent may come to see. */
export type ApiErrorCode = Extract<
  ErrorCode,
  | 'engine_not_configured'
  | 'engine_unreachable'
  | 'engine_address_forbidden'
  | 'engine_not_connected'
  | 'engine_rate_limited'
  | 'engine_outcome_unknown'
  | 'engine_refused'
  | 'engine_cannot'
  | 'rate_limited'
  | 'database_unavailable'
  | 'shutting_down'
  | 'invalid_token'
  | 'instance_not_found'
  | 'internal'
>;
export type ApiErrorTexts = Readonly<Record<ApiErrorCode, (values: Readonly<Record<string, string>>) => string>>;

/**
 * Everything that Ponte itself writes into a Chatwoot, for agents to read: one file a language. What customers and agents wrote, and names,
 * come ready for Markdown.
 */
export interface Texts {
  /** A file is missing; `note` of why, and whether it may still come. */
  missingFile(kind: MediaKind, reason: string, mayFollow: boolean): string;
  readonly fileReasons: Readonly<Record<FileReason, string>>;
  fileTooLargeForChatwoot(megabytes: number): string;
  readonly location: string;
  readonly liveLocation: string;
  readonly contact: string;
  readonly optionChosen: string;
  voted(options: string): string;
  readonly voteTakenBack: string;
  /** A message that the phone has and the engine has not. */
  readonly placeholder: string;
  unsupported(name: string): string;
  /** Before the title of an ad that brought the customer. */
  readonly ad: string;
  readonly edited: string;
  /** It was edited, and nobody told the new text. */
  readonly editedUnseen: string;
  readonly reactionRemoved: string;
  readonly deletedOnWhatsapp: string;
  call(video: boolean): string;
  readonly forwarded: string;
  readonly unknownMember: string;
  /** Of a message from before the activation, above it: the time in UTC, since nobody tells that of the agents. */
  writtenAt(at: Date): string;
  /** Above all messages from before the activation, once in their conversation. */
  readonly historyHeading: string;
  /** Instead of a name, of what the owner of the phone wrote. */
  readonly fromPhone: string;
  /** Below a message that WhatsApp could not deliver. */
  readonly undelivered: string;
  /** Below a message that was accepted and had not left when the integration ended. */
  readonly endedUnsent: string;
  /** As a private note, in a Chatwoot that cannot show a message as failed. */
  notSent(reason: string): string;
  /** As a private note: an agent deleted a message, and the customer still has it. */
  notDeleted(reason: string): string;
  readonly replyReasons: Readonly<Record<ReplyReason, string>>;
  apiUnreachable(detail: string): string;
  apiStatus(status: number): string;
  databaseSilent(detail: string): string;
  /** The catalogue's own texts in English. */
  readonly apiErrors: ApiErrorTexts | 'as told';
}

const TEXTS: Readonly<Record<Language, Texts>> = { en, pt, es };

/** What decides about the language of an integration's agents. */
export interface LanguageSettings {
  /** The setting; null where the account decides. */
  readonly language: string | null;
  /** The locale of the Chatwoot account, such as `pt_BR`; null where it is not known yet. */
  readonly accountLocale: string | null;
}

const isLanguage = (text: string): text is Language => Object.hasOwn(TEXTS, text);

/** The texts for an integration's agents: in the language that was set, else in that of the account, else in English. */
export function textsOf({ language, accountLocale }: LanguageSettings): Texts {
  for (const told of [language ?? '', accountLocale ?? '']) {
    const base = told.split(/[_-]/, 1)[0]?.toLowerCase() ?? '';
    if (isLanguage(base)) return TEXTS[base];
  }
  return TEXTS.en;
}

const UNDELIVERED = Object.values(TEXTS).map(({ undelivered }) => undelivered);
const LONGEST_REASON = 1_000;

/** What Chatwoot shows below a message which WhatsApp could not deliver, with the engine's own reason where it tells one. */
export const undeliveredText = ({ undelivered }: Texts, reason: string | undefined): string =>
  reason === undefined ? undelivered : cutTo(`${undelivered}: ${reason}`, LONGEST_REASON, '…');

/** Whether it was the relay that had a message shown as failed, because WhatsApp said so: in whatever language. */
export const isUndelivered = (shown: string): boolean =>
  UNDELIVERED.some((text) => shown === text || shown.startsWith(`${text}: `));
