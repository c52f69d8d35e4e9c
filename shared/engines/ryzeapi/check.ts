import { exchange } from '../../http/exchange.ts';
import type { CheckOutcome, EngineCall } from '../engine.ts';
import { failureOf, refused } from '../engine-errors.ts';
import type { PhoneState } from '../event.ts';
import { fieldsOf, labelOf, listOf } from '../fields.ts';
import { CONNECT_TIMEOUT_MS, MEBIBYTE } from '../limits.ts';
import { jsonFields, refusalOf } from './refusal.ts';

/** `GET /api/instance/list` of RyzeAPI: a TokenInstance is answered its own instance, a TokenAccount the one of that name. */
export async function check({ access, instance, timeoutMs }: EngineCall): Promise<CheckOutcome> {
  const reply = await exchange({
    method: 'GET',
    url: `${access.url}/api/instance/list?instanceName=${encodeURIComponent(instance)}`,
    headers: { token: access.token },
    timeoutMs,
    maxResponseBytes: MEBIBYTE,
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    route: access.route,
  });
  if (reply.kind === 'failed') return { kind: 'failed', error: failureOf(reply, access, { isRead: true }) };
  const refusal = refusalOf(reply, access);
  if (refusal !== undefined) return { kind: 'failed', error: refusal };
  const listed = listOf(jsonFields(reply.body)?.instances).find((entry) => labelOf(entry, 'name') === instance);
  if (listed === undefined) {
    return { kind: 'failed', error: refused(`it has no instance named ${instance} that this token opens`, access) };
  }
  const connection = fieldsOf(listed.connection);
  const told = labelOf(connection, 'state') || labelOf(listed, 'status');
  const number = /^\d+/.exec(labelOf(connection, 'numberJid'))?.[0];
  return { kind: 'found', phone: PHONE.get(told.toLowerCase()), told, number, warnings: [] };
}

const PHONE: ReadonlyMap<string, PhoneState> = new Map([
  ['connected', 'connected'],
  ['connecting', 'disconnected'],
  ['disconnected', 'disconnected'],
  ['loggedout', 'logged_out'],
]);
