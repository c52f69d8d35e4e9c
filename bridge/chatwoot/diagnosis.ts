import type { Diagnosis, TokenOwner } from '../../shared/contracts/bridge.ts';
import { BRIDGE_LIMITS } from '../timeouts.ts';
import { type Profile, refusalSchema } from './answers.ts';
import type { ChatwootClient } from './client.ts';
import type { ChatwootResponse } from './transport.ts';

// The texts that Chatwoot has in English whatever the language of the account or the installation.
const CONSTANT_TEXTS: ReadonlyMap<string, Diagnosis> = new Map([
  ['Invalid Access Token', 'token_invalid'],
  ['You are not authorized to do this action', 'not_admin'],
  ['Account is suspended', 'account_suspended'],
  ['Access to this endpoint is not authorized for bots', 'bot_token'],
  ['Bot is not authorized to access this account', 'bot_token'],
  ['API access is not enabled for this account', 'api_disabled'],
  // Translated since 4.16.0, so that it tells something only where it is in English.
  ['You are not authorized to access this account', 'not_member'],
]);

/** Of a user with hundreds of accounts the first ones will do. */
const MOST_ACCOUNTS = 20;

/**
 * What a refusal of an administrator's request means. One 401 of Chatwoot stands for five things, some of them in the language of the
 * installation, so the profile of the token is asked; where that cannot be had, the text has to do. Undefined when neither tells.
 */
export async function diagnose(refusal: ChatwootResponse, client: ChatwootClient): Promise<Diagnosis | undefined> {
  if (refusal.status === 403) return readConstantText(refusal);
  if (refusal.status !== 401) return undefined;
  if (isTokenDropped(refusal)) return 'token_dropped';
  const profile = await client.getProfile(BRIDGE_LIMITS.diagnoseMs);
  if (profile.ok) return readProfile(profile.value, client.access().accountId);
  const { response } = profile.failure;
  if (response.kind === 'response' && response.status === 401) {
    return isTokenDropped(response) ? 'token_dropped' : (readConstantText(response) ?? 'token_invalid');
  }
  return readConstantText(refusal);
}

/** What an account may be used for by the owner of a profile. */
export function readProfile(profile: Profile, accountId: number): Diagnosis {
  const account = profile.accounts.find(({ id }) => id === accountId);
  if (account === undefined) return 'not_member';
  if (account.status && account.status !== 'active') return 'account_suspended';
  // A custom role shows as `agent`, and may not create inboxes either.
  return account.role === 'administrator' ? 'ok' : 'not_admin';
}

/** What a person is told of the owner of a token, to see which account it opens. */
export const ownerOf = (profile: Profile): TokenOwner => ({
  name: profile.name ?? '',
  accounts: profile.accounts.slice(0, MOST_ACCOUNTS).map(({ id, name, role }) => ({ id, name: name ?? '', role: role ?? '' })),
});

/** The sign-in layer answers with `errors`, plural: no token arrived, so something on the way dropped the header. */
const isTokenDropped = ({ json }: ChatwootResponse): boolean => refusalSchema.safeParse(json).data?.errors !== undefined;

/** What a refusal means by its text, where that is one Chatwoot never translates. */
export const readConstantText = ({ json }: ChatwootResponse): Diagnosis | undefined =>
  CONSTANT_TEXTS.get(refusalSchema.safeParse(json).data?.error ?? '');
