import { parseJson } from '../../../http/parse-json.ts';
import type { AvatarCall, AvatarOutcome } from '../../engine.ts';
import { fieldsOf, textOf } from '../../fields.ts';
import { readingOf } from './answer.ts';
import { numberOf } from './jid.ts';
import { request } from './request.ts';

/** `POST /chat/fetchProfilePictureUrl`: an address at WhatsApp that needs no key, and lasts some days. */
export async function fetchAvatar(call: AvatarCall): Promise<AvatarOutcome> {
  const json = { number: numberOf(call.address) };
  const answer = readingOf(call, await request(call, { method: 'POST', path: '/chat/fetchProfilePictureUrl', json }));
  if (answer.kind === 'failed') return answer;
  const url = textOf(fieldsOf(parseJson(answer.body)), 'profilePictureUrl');
  return URL.canParse(url) ? { kind: 'picture', url } : { kind: 'none' };
}
