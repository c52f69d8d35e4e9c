import { z } from 'zod';
import { lengthOf } from '../text/cut.ts';
import { activationFlags, eachFlag } from './flags.ts';
import { languageSchema } from './language.ts';

const MAX_INT32 = 2_147_483_647;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f-\u009f]/;
// Half a character: neither PostgreSQL nor Chatwoot takes it.
const LONE_SURROGATE = /\p{Surrogate}/u;

const required = (wrong: string) => (issue: { input?: unknown }) => (issue.input === undefined ? 'is required' : wrong);

/** The address of a Chatwoot, normalised: no trailing slash, host in lower case. */
const chatwootBaseUrl = z
  .string({ error: required('must be text') })
  .trim()
  .max(2_048, 'must have at most 2048 characters')
  .transform((text, context) => {
    // Node 20 has no URL.parse.
    const url = URL.canParse(text) ? new URL(text) : undefined;
    const fault = url === undefined ? 'must be an http:// or https:// URL' : addressFault(url);
    if (url !== undefined && fault === undefined) return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
    context.addIssue({ code: 'custom', message: fault ?? '' });
    return z.NEVER;
  })
  .meta({
    description: 'Address of Chatwoot, http or https, without credentials, `?` or `#`. A slash at its end is dropped.',
    examples: ['https://chatwoot.example.com'],
  });

/** Why an address that is given by a customer cannot be called as it is; undefined where it can. */
export function addressFault(url: URL): string | undefined {
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return 'must be an http:// or https:// URL';
  if (url.username !== '' || url.password !== '') return 'must not contain a user name or password';
  if (url.search !== '' || url.hash !== '') return 'must not contain ? or #';
  return undefined;
}

const chatwootAccountId = z
  .number({ error: required('must be a number') })
  .int('must be a whole number')
  .min(1, `must be from 1 to ${MAX_INT32}`)
  .max(MAX_INT32, `must be from 1 to ${MAX_INT32}`)
  .meta({ description: 'Number of the account in Chatwoot: the one in its address, /app/accounts/5.', examples: [5] });

/** An access token goes into a header as it is. */
const chatwootApiToken = z
  .string({ error: required('must be text') })
  .trim()
  .min(1, 'must not be empty')
  .max(512, 'must have at most 512 characters')
  .regex(/^[\x21-\x7e]*$/, 'must not contain spaces, control characters or letters outside ASCII')
  .meta({
    description:
      'Access token of an administrator of that account (Profile settings, Access token). Stored encrypted, never shown again.',
    examples: ['an-access-token'],
  });

/** What RyzeAPI’s documentation calls an inbox that was given no name. */
const DEFAULT_INBOX_NAME = 'RyzeAPI';

const INBOX_NAME_LENGTH = 255;

/** Left out or null, it is the default. */
const inboxName = z
  .string({ error: 'must be text' })
  .trim()
  .min(1, 'must not be empty')
  // As Chatwoot counts: an emoji is one.
  .refine((name) => lengthOf(name) <= INBOX_NAME_LENGTH, `must have at most ${INBOX_NAME_LENGTH} characters`)
  .refine((name) => name !== 'null', 'must not be the word null')
  .refine((name) => !CONTROL_CHARACTER.test(name) && !LONE_SURROGATE.test(name), 'must not contain control characters')
  .meta({ maxLength: INBOX_NAME_LENGTH })
  .nullish()
  .transform((name) => name ?? DEFAULT_INBOX_NAME)
  .meta({ description: `Name of the inbox. Default: \`${DEFAULT_INBOX_NAME}\`.`, examples: ['WhatsApp - Orion'] });

/** How far back an import of history may reach at most. */
const MOST_HISTORY_DAYS = 30;
const historyDaysFault = `must be a whole number from 0 to ${MOST_HISTORY_DAYS}`;

/** 0 is as left out: so a request that does not use it is the one that it was before there was this field. */
const importHistoryDays = z
  .number({ error: historyDaysFault })
  .int(historyDaysFault)
  .min(0, historyDaysFault)
  .max(MOST_HISTORY_DAYS, historyDaysFault)
  .nullish()
  .transform((days) => days || undefined)
  .meta({
    description:
      `Messages of the last so many days (up to ${MOST_HISTORY_DAYS}) are brought into Chatwoot once, where the engine can tell them ` +
      '(Evolution API; WAHA with its store): in order, with their times, without notifying anybody or reopening anything. Default: 0.',
    examples: [7],
  });

export const flag = z
  .boolean({ error: 'must be true or false' })
  .nullish()
  .transform((value) => value ?? false);

const chatwootInboxId = z
  .number({ error: 'must be a number' })
  .int('must be a whole number')
  .min(1, `must be from 1 to ${MAX_INT32}`)
  .max(MAX_INT32, `must be from 1 to ${MAX_INT32}`)
  .nullish()
  .transform((value) => value ?? undefined)
  .meta({
    description:
      'Number of an existing API inbox of that account, which is taken over instead of making one: its conversations go on, its name stays. ' +
      'Deactivation gives its webhook address back and never deletes it.',
    examples: [12],
  });

/** What a client says of an activation: its settings, and the token that goes with them. */
export const activationFields = {
  chatwootBaseUrl,
  chatwootAccountId,
  chatwootApiToken,
  inboxName,
  chatwootInboxId,
  importHistoryDays,
  ...eachFlag((name) => flag.meta({ description: `${activationFlags[name].description} Default: false.` })),
  language: languageSchema
    .nullish()
    .transform((value) => value ?? undefined)
    .meta({
      description:
        'Language of what Ponte writes to agents: notes, reasons why a message failed. Default: that of the Chatwoot account, else English.',
      examples: ['pt'],
    }),
  deleteOldInbox: flag.meta({
    description:
      'Where this request moves the integration to another account or another Chatwoot: deletes the old inbox **with its conversations**. ' +
      'Otherwise it stays there, see `previous_inbox`. Default: false.',
  }),
};
