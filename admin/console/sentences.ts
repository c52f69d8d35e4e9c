import type { ErrorCode } from '../../shared/errors/catalogue.ts';
import { localizedMessage } from '../../shared/errors/languages/localize.ts';
import type { FieldFault } from '../../shared/errors/ponte-error.ts';
import type { Ui } from '../looks/ui.ts';

/** An error as people read it: what happened and what to do, with the words of the other side apart. */
export interface Sentence {
  readonly text: string;
  /** What Chatwoot or the bridge said, word for word; empty where nobody said anything. */
  readonly detail: string;
}

const DETAIL = ' Detail: ';

/** As the API told it: our own words in the reader's language, those of the other side as they were said. */
export function plainSentenceOf({ language }: Ui, { code, message }: { code: ErrorCode; message: string }): Sentence {
  const at = message.indexOf(DETAIL);
  const english = at < 0 ? message : message.slice(0, at);
  const text = language === 'en' ? english : localizedMessage(code, language);
  return { text: `${text.charAt(0).toUpperCase()}${text.slice(1)}`, detail: at < 0 ? '' : message.slice(at + DETAIL.length) };
}

/** The same for who fills in a form: fields are called as they are there. */
export function sentenceOf(ui: Ui, error: { code: ErrorCode; message: string }): Sentence {
  const { fields } = ui.t;
  const { text, detail } = plainSentenceOf(ui, error);
  const labelled = text.replace(NAMES, (name) => (isField(name, fields) ? `“${fields[name][0]}”` : name));
  return { text: labelled, detail };
}

const isField = <Fields extends object>(name: string, fields: Fields): name is Extract<keyof Fields, string> =>
  Object.hasOwn(fields, name);

/** What the API calls a field; people know it by its label. */
const NAMES =
  /\b(chatwootBaseUrl|chatwootAccountId|chatwootApiToken|chatwootInboxId|inboxName|engineUrl|engineToken|engineKind)\b/g;

/** The same, where its text stands beside a field already. */
export const besideField = (sentence: Sentence, faults: Readonly<Record<string, string>>): Sentence =>
  Object.keys(faults).length > 0 ? { ...sentence, text: '' } : sentence;

/** The field that most likely has to be changed; the error is told beside it. */
const FIELDS: Readonly<Partial<Record<ErrorCode, string>>> = {
  chatwoot_token_invalid: 'chatwootApiToken',
  chatwoot_token_dropped: 'chatwootBaseUrl',
  chatwoot_not_admin: 'chatwootApiToken',
  chatwoot_bot_token: 'chatwootApiToken',
  chatwoot_not_member: 'chatwootAccountId',
  chatwoot_account_suspended: 'chatwootAccountId',
  chatwoot_account_not_found: 'chatwootAccountId',
  chatwoot_api_disabled: 'chatwootAccountId',
  chatwoot_plan_limit: 'chatwootAccountId',
  chatwoot_endpoint_not_found: 'chatwootBaseUrl',
  chatwoot_redirect: 'chatwootBaseUrl',
  chatwoot_address_forbidden: 'chatwootBaseUrl',
  chatwoot_unreachable: 'chatwootBaseUrl',
  chatwoot_unknown_host: 'chatwootBaseUrl',
  chatwoot_tls_failed: 'chatwootBaseUrl',
  chatwoot_inbox_not_adoptable: 'chatwootInboxId',
  instance_name_taken: 'name',
  account_name_taken: 'name',
};

/** Which field says what, of an error that names fields or points at one. */
export function faultsOf(
  ui: Ui,
  error: { code: ErrorCode; message: string; faults?: readonly FieldFault[] },
): Readonly<Record<string, string>> {
  if (error.faults !== undefined && error.faults.length > 0) {
    return Object.fromEntries(error.faults.map(({ field, reason }) => [field, reasonIn(ui, reason)]));
  }
  const field = FIELDS[error.code];
  return field === undefined ? {} : { [field]: sentenceOf(ui, error).text };
}

/** A reason may say more behind a dash, of which only English has all. */
const reasonIn = ({ t }: Ui, reason: string): string => t.faults[reason] ?? t.faults[reason.split(' — ')[0] ?? ''] ?? reason;
