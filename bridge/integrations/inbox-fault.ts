import type { Diagnosis } from '../../shared/contracts/bridge.ts';
import type { ChatwootClient } from '../chatwoot/client.ts';
import type { ChatwootFailure } from '../chatwoot/outcome.ts';
import { type UpstreamError, upstreamError } from '../chatwoot/upstream-error.ts';

/** Why an inbox cannot be used until somebody does something about it, and what. */
interface Denial {
  readonly tokenValid: boolean;
  readonly fault: string;
}

export const GONE = 'the inbox no longer exists in Chatwoot — activate again to get a new one';

const RENEW = 'activate again with the API token of an administrator';
const DENIALS: Readonly<Partial<Record<Diagnosis, Denial>>> = {
  token_invalid: { tokenValid: false, fault: `Chatwoot no longer accepts the API token — ${RENEW}` },
  bot_token: { tokenValid: false, fault: `the API token is not that of a user — ${RENEW}` },
  not_member: { tokenValid: true, fault: `the user of the API token has left the Chatwoot account — ${RENEW}` },
  not_admin: { tokenValid: true, fault: `the user of the API token is no longer an administrator — ${RENEW}` },
  account_suspended: { tokenValid: true, fault: 'the Chatwoot account is suspended — have it reactivated there' },
  api_disabled: { tokenValid: true, fault: 'the plan of the Chatwoot account has no API access — change the plan there' },
};

/** Every such text: whoever reads one in a row knows that it is of a look at the inbox, and that a later look counts. */
export const INBOX_FAULTS: readonly string[] = [GONE, ...Object.values(DENIALS).map(({ fault }) => fault)];

/** What only its owner can mend; undefined for all else. */
export const denialOf = ({ upstream }: UpstreamError): Denial | undefined =>
  upstream.diagnosis ? DENIALS[upstream.diagnosis] : undefined;

/** The same of any failure, as a text; undefined for what may pass by itself. */
export async function lastingFault(failure: ChatwootFailure, client: ChatwootClient): Promise<string | undefined> {
  return failure.kind === 'absent' ? GONE : denialOf(await upstreamError(failure, client))?.fault;
}
