import { PonteError } from '../../errors/ponte-error.ts';
import { collect, download } from '../../http/exchange.ts';
import type { CheckOutcome, EngineCall, PairingOutcome } from '../engine.ts';
import { type Fields, isTrue, labelOf, textOf } from '../fields.ts';
import { readAddress } from '../jid.ts';
import { CONNECT_TIMEOUT_MS } from '../limits.ts';
import { fileUrl } from './file-reference.ts';
import { callGowa, type GowaAnswer, headersOf } from './request.ts';

export const devicePath = (instance: string): string => `/devices/${encodeURIComponent(instance)}`;

const statusOf = (call: EngineCall): Promise<GowaAnswer> =>
  callGowa(call, { method: 'GET', path: `${devicePath(call.instance)}/status`, isHarmless: true });

/** `GET /devices/:id/status`: connected to WhatsApp's servers, and logged in as a phone. */
export async function check(call: EngineCall): Promise<CheckOutcome> {
  const answer = await statusOf(call);
  if (!answer.ok) return { kind: 'failed', error: answer.error };
  const { results } = answer;
  // The number is told elsewhere, and does without.
  const device = await callGowa(call, { method: 'GET', path: devicePath(call.instance), isHarmless: true });
  const isLoggedIn = isTrue(results, 'is_logged_in');
  const isConnected = isTrue(results, 'is_connected');
  return {
    kind: 'found',
    phone: !isLoggedIn ? 'logged_out' : isConnected ? 'connected' : 'disconnected',
    told: !isLoggedIn ? 'not logged in' : isConnected ? 'connected' : 'disconnected',
    number: device.ok ? numberOf(device.results) : undefined,
    warnings: [],
  };
}

function numberOf(results: Fields): string | undefined {
  const own = readAddress(labelOf(results, 'jid', 'phone_number'), 'number');
  return own?.type === 'number' ? own.user : undefined;
}

const MAX_QR_BYTES = 1_048_576;

/** `GET /devices/:id/login` tells where the picture of the code is. */
export async function pair(call: EngineCall): Promise<PairingOutcome> {
  const status = await statusOf(call);
  if (!status.ok) return { kind: 'failed', error: status.error };
  if (isTrue(status.results, 'is_logged_in')) return { kind: 'connected' };
  const login = await callGowa(call, { method: 'GET', path: `${devicePath(call.instance)}/login`, isHarmless: true });
  if (!login.ok) return { kind: 'failed', error: login.error };
  const link = textOf(login.results, 'qr_link');
  // Its own host may be one that only it knows: the path is what counts.
  const path = URL.canParse(link) ? new URL(link).pathname : link;
  const url = fileUrl(call.access.url, /(?:^|\/)(statics\/.*)$/.exec(path)?.[1] ?? '');
  if (url === undefined) return { kind: 'failed', error: new PonteError('engine_not_connected') };
  const picture = await download(
    {
      method: 'GET',
      url,
      headers: headersOf(call),
      timeoutMs: call.timeoutMs,
      connectTimeoutMs: CONNECT_TIMEOUT_MS,
      maxResponseBytes: MAX_QR_BYTES,
      route: call.access.route,
    },
    collect,
  );
  if (picture.kind === 'failed' || picture.status !== 200 || picture.cut)
    return { kind: 'failed', error: new PonteError('engine_not_connected') };
  return { kind: 'image', base64: picture.body.toString('base64') };
}
