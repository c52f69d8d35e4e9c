import { PonteError } from '../../errors/ponte-error.ts';
import type { CheckOutcome, EngineCall, PairingOutcome } from '../engine.ts';
import { isTrue, labelOf, textOf } from '../fields.ts';
import { readAddress } from '../jid.ts';
import { callEngine, flavourOf } from './request.ts';
import { WUZAPI_EVENTS } from './webhook.ts';

/** `/session/status` of wuzapi, `/instance/status` of evolution-go; both spell it in capitals or not, by their version. */
export async function check(call: EngineCall): Promise<CheckOutcome> {
  const flavour = await flavourOf(call);
  if (flavour instanceof PonteError) return { kind: 'failed', error: flavour };
  const path = flavour === 'wuzapi' ? '/session/status' : '/instance/status';
  const answer = await callEngine(call, { method: 'GET', path, isHarmless: true });
  if (!answer.ok) {
    // evolution-go has no other way to say so.
    if (answer.error.code !== 'engine_not_connected') return { kind: 'failed', error: answer.error };
    return { kind: 'found', phone: 'disconnected', told: 'disconnected', warnings: [] };
  }
  const isLoggedIn = isTrue(answer.data, 'loggedIn', 'LoggedIn');
  const isConnected = isTrue(answer.data, 'connected', 'Connected');
  const own = readAddress(labelOf(answer.data, 'jid'), 'number');
  return {
    kind: 'found',
    phone: isLoggedIn ? (isConnected ? 'connected' : 'disconnected') : isConnected ? 'logged_out' : 'disconnected',
    told: isLoggedIn ? (isConnected ? 'connected' : 'disconnected') : 'not logged in',
    number: own?.type === 'number' ? own.user : undefined,
    warnings: [],
  };
}

const notYet = (): PairingOutcome => ({ kind: 'failed', error: new PonteError('engine_not_connected') });

/** The QR code, as a picture; a session that was not started is started for it. */
export async function pair(call: EngineCall): Promise<PairingOutcome> {
  const found = await check(call);
  if (found.kind === 'failed') return found;
  if (found.phone === 'connected') return { kind: 'connected' };
  const flavour = await flavourOf(call);
  if (flavour instanceof PonteError) return { kind: 'failed', error: flavour };
  const isWuzapi = flavour === 'wuzapi';
  if (isWuzapi && found.phone === 'disconnected') {
    const json = { Subscribe: WUZAPI_EVENTS, Immediate: true };
    const started = await callEngine(call, { method: 'POST', path: '/session/connect', json, isHarmless: true });
    // It takes some seconds until there is a code: whoever asks is to ask again.
    return started.ok ? notYet() : { kind: 'failed', error: started.error };
  }
  const answer = await callEngine(call, { method: 'GET', path: isWuzapi ? '/session/qr' : '/instance/qr', isHarmless: true });
  if (!answer.ok) return { kind: 'failed', error: answer.error };
  const [, base64 = ''] = /^data:image\/png;base64,(.+)$/.exec(textOf(answer.data, 'QRCode', 'Qrcode', 'qrcode')) ?? [];
  return base64 === '' ? notYet() : { kind: 'image', base64 };
}
