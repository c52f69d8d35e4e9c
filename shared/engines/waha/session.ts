import { PonteError } from '../../errors/ponte-error.ts';
import type { CheckOutcome, EngineCall, PairingOutcome } from '../engine.ts';
import { refused } from '../engine-errors.ts';
import { type Fields, fieldsOf, isFields, labelOf, listOf } from '../fields.ts';
import { phoneOf } from './read-event.ts';
import { callWaha } from './request.ts';

export const sessionPath = (instance: string): string => `/api/sessions/${encodeURIComponent(instance)}`;

/** What WAHA tells of the session. */
export async function readSession(call: EngineCall) {
  const answer = await callWaha(call, { method: 'GET', path: sessionPath(call.instance), isHarmless: true });
  if (!answer.ok) {
    const isMissing = answer.status === 404;
    const error = isMissing
      ? refused(`there is no session ${call.instance} in WAHA — make it there, or correct its name`, call.access)
      : answer.error;
    return { ok: false, error } as const;
  }
  const session = fieldsOf(answer.json);
  return labelOf(session, 'status') === ''
    ? ({ ok: false, error: refused('what answers there is no WAHA', call.access) } as const)
    : ({ ok: true, session } as const);
}

export async function check(call: EngineCall): Promise<CheckOutcome> {
  const answer = await readSession(call);
  if (!answer.ok) return { kind: 'failed', error: answer.error };
  const { session } = answer;
  const status = labelOf(session, 'status');
  const number = labelOf(fieldsOf(session.me), 'id').replace(/[:@].*$/, '');
  return {
    kind: 'found',
    phone: phoneOf(status),
    told: status,
    number: /^\d+$/.test(number) ? number : undefined,
    warnings: await warningsOf(call),
  };
}

/** Its own Chatwoot integration would post every message a second time. A WAHA without apps says nothing. */
export async function warningsOf(call: EngineCall): Promise<string[]> {
  const query = new URLSearchParams({ session: call.instance });
  const answer = await callWaha(call, { method: 'GET', path: `/api/apps?${query}`, isHarmless: true });
  const apps = answer.ok ? listOf(answer.json) : [];
  const isOn = apps.some((app: Fields) => labelOf(app, 'app').toLowerCase() === 'chatwoot' && app.enabled !== false);
  return isOn ? ['its own Chatwoot app is switched on for this session, so every message comes twice — switch it off'] : [];
}

/** The QR code; a session that is stopped is started for it. */
export async function pair(call: EngineCall): Promise<PairingOutcome> {
  const answer = await readSession(call);
  if (!answer.ok) return { kind: 'failed', error: answer.error };
  const status = labelOf(answer.session, 'status');
  if (status === 'WORKING') return { kind: 'connected' };
  if (status === 'STOPPED' || status === 'FAILED') {
    const path = `${sessionPath(call.instance)}/${status === 'FAILED' ? 'restart' : 'start'}`;
    const started = await callWaha(call, { method: 'POST', path, isHarmless: true });
    // It takes some seconds until there is a code: whoever asks is to ask again.
    return { kind: 'failed', error: started.ok ? new PonteError('engine_not_connected') : started.error };
  }
  const qr = await callWaha(call, { method: 'GET', path: `/api/${encodeURIComponent(call.instance)}/auth/qr`, isHarmless: true });
  if (!qr.ok) return { kind: 'failed', error: qr.error };
  const base64 = isFields(qr.json) && typeof qr.json.data === 'string' ? qr.json.data : '';
  return base64 === '' ? { kind: 'failed', error: new PonteError('engine_not_connected') } : { kind: 'image', base64 };
}
