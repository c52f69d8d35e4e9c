import { parseJson } from '../../../http/parse-json.ts';
import type { CheckOutcome, EngineCall, EngineFailure, PairingOutcome } from '../../engine.ts';
import { unreachable } from '../../engine-errors.ts';
import { type Fields, fieldsOf, labelOf, listOf, numberOf, textOf } from '../../fields.ts';
import { readAddress } from '../../jid.ts';
import { readBase64 } from '../../media-fields.ts';
import { phoneOf } from '../events/state.ts';
import { failed, readingOf } from './answer.ts';
import { request } from './request.ts';

/** `connectionState` is asked for the state: what `fetchInstances` says of it is stored, and may be long out of date. */
export async function check(call: EngineCall): Promise<CheckOutcome> {
  const answer = readingOf(call, await request(call, { method: 'GET', path: '/instance/connectionState' }));
  if (answer.kind === 'failed') return answer;
  const told = labelOf(fieldsOf(fieldsOf(parseJson(answer.body)).instance), 'state');
  const facts = await factsOf(call);
  if (facts.kind === 'failed') return facts;
  const { number, warnings } = facts;
  return { kind: 'found', phone: phoneOf(told) ?? 'disconnected', told, number, warnings };
}

const OFFICIAL =
  'this instance uses Evolution’s channel for the official Cloud API, which mixes up customers and loses messages — connect the number to Ponte’s own engine for the Cloud API instead';

/** What stands beside the state: the paired number, and what the owner should know. */
async function factsOf(
  call: EngineCall,
): Promise<{ kind: 'facts'; number: string | undefined; warnings: string[] } | EngineFailure> {
  const query = { instanceName: call.instance };
  const reply = await request({ ...call, instance: '' }, { method: 'GET', path: '/instance/fetchInstances', query });
  const answer = readingOf(call, reply);
  // A version that does not tell, or a key that may not ask, is no reason to refuse what works.
  if (answer.kind === 'failed') return { kind: 'facts', number: undefined, warnings: [] };
  const listed = listOf(parseJson(answer.body)).map((entry) => ({ ...entry, ...fieldsOf(entry.instance) }));
  const own = listed.find((entry) => labelOf(entry, 'name', 'instanceName') === call.instance) ?? {};
  const jid = readAddress(labelOf(own, 'ownerJid', 'owner', 'number'), 'number');
  const warnings = [...(/business/i.test(labelOf(own, 'integration')) ? [OFFICIAL] : []), ...chatwootWarnings(own.Chatwoot)];
  return { kind: 'facts', number: jid?.type === 'number' ? jid.user : undefined, warnings };
}

/** Two integrations at once would bring every message into Chatwoot twice. */
export function chatwootWarnings(chatwoot: unknown): string[] {
  const fields: Fields = fieldsOf(chatwoot);
  if (fields.enabled !== true) return [];
  const where = [textOf(fields, 'url'), labelOf(fields, 'accountId', 'account_id')]
    .filter((part) => part !== '')
    .join(', account ');
  return [
    `Evolution’s own Chatwoot integration is switched on for this instance (${where}) — switch it off, or every message comes twice; \`npm run move-in -- evolution\` takes its inbox over`,
  ];
}

/** `GET /instance/connect`: what to scan, and the code to type where the engine was given the phone's number. */
export async function pair(call: EngineCall): Promise<PairingOutcome> {
  const answer = readingOf(call, await request(call, { method: 'GET', path: '/instance/connect' }));
  if (answer.kind === 'failed') return answer;
  const fields = fieldsOf(parseJson(answer.body));
  if (labelOf(fieldsOf(fields.instance), 'state') === 'open') return { kind: 'connected' };
  const code = labelOf(fields, 'pairingCode') || undefined;
  const qr = textOf(fields, 'code');
  if (qr !== '') return { kind: 'qr', qr, code };
  const base64 = readBase64(fields.base64);
  if (base64 !== undefined) return { kind: 'image', base64, code };
  const detail = numberOf(fields, 'count') === undefined ? 'it told no QR code' : 'it has no QR code yet, ask again in a moment';
  return failed(unreachable(call.access, detail, 2));
}
