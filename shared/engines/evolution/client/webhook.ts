import { parseJson } from '../../../http/parse-json.ts';
import type { EngineCall, EngineFailure, EngineWebhook, WebhookDone } from '../../engine.ts';
import { type Fields, fieldsOf, isFields, isTrue, labelOf } from '../../fields.ts';
import { PROOF_HEADER } from '../proof.ts';
import { outcomeOf, readingOf } from './answer.ts';
import { chatwootWarnings } from './connection.ts';
import { request } from './request.ts';

/** `GROUP_UPDATE` stands in the engine's list, but `groups.update` is what it sends, which needs no asking for. */
const EVENTS = [
  'MESSAGES_UPSERT',
  'MESSAGES_UPDATE',
  'MESSAGES_DELETE',
  'SEND_MESSAGE',
  'CONNECTION_UPDATE',
  'QRCODE_UPDATED',
  'GROUPS_UPSERT',
  'GROUP_UPDATE',
  'CALL',
] as const;
/** A version that does not know one of these refuses the whole list. */
const NEWER_EVENTS = ['MESSAGES_EDITED', 'SEND_MESSAGE_UPDATE', 'STATUS_INSTANCE', 'LOGOUT_INSTANCE', 'REMOVE_INSTANCE'] as const;

export const webhook: EngineWebhook = {
  async read(call) {
    const answer = readingOf(call, await request(call, { method: 'GET', path: '/webhook/find' }));
    if (answer.kind === 'failed') return answer;
    const previous = previousOf(parseJson(answer.body));
    const chatwoot = await request(call, { method: 'GET', path: '/chatwoot/find' });
    const isTold = chatwoot.kind === 'response' && chatwoot.status === 200;
    const warnings = isTold ? chatwootWarnings(parseJson(chatwoot.body)) : [];
    return { kind: 'webhook', previous, address: previous?.enabled ? previous.url : undefined, warnings };
  },

  async set({ address, secret, ...call }) {
    const block = { enabled: true, url: address, byEvents: false, base64: false, headers: { [PROOF_HEADER]: secret } };
    const all = await put(call, { ...block, events: [...EVENTS, ...NEWER_EVENTS] });
    if (all.kind === 'done' || all.error.code !== 'engine_refused' || !/event|enum|one of/i.test(all.error.message)) return all;
    return put(call, { ...block, events: EVENTS });
  },

  /** To have none cannot be put back: one that is switched off and leads nowhere is the nearest to it. */
  restore: ({ previous, ...call }) => put(call, isFields(previous) ? { ...NOTHING, ...previous } : NOTHING),
};

const NOTHING = { enabled: false, url: '', byEvents: false, base64: false, headers: {}, events: [] };

/** The engine keeps what is left out as it was: everything has to be told. */
async function put(call: EngineCall, block: Fields): Promise<WebhookDone | EngineFailure> {
  const json = { webhook: block };
  const outcome = await outcomeOf(call, await request(call, { method: 'POST', path: '/webhook/set', json }));
  return outcome.kind === 'failed' ? outcome : { kind: 'done' };
}

/** What `find` answers, under the names that `set` takes: it overlooks its own others without a word. */
function previousOf(found: unknown) {
  const fields = fieldsOf(found);
  const url = labelOf(fields, 'url');
  if (url === '') return undefined;
  return {
    enabled: isTrue(fields, 'enabled'),
    url,
    byEvents: isTrue(fields, 'webhookByEvents', 'byEvents'),
    base64: isTrue(fields, 'webhookBase64', 'base64'),
    headers: fieldsOf(fields.headers),
    events: Array.isArray(fields.events) ? fields.events : [],
  };
}
