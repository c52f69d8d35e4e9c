import { z } from 'zod';
import { PonteError } from '../../errors/ponte-error.ts';
import { DELIVERY_PATH } from '../delivery-key.ts';
import type { EngineCall, EngineFailure, EngineWebhook, WebhookDone, WebhookFound } from '../engine.ts';
import { labelOf } from '../fields.ts';
import { callEngine, flavourOf, type Reply } from './request.ts';

/** Names that a version does not know it leaves out by itself. */
export const WUZAPI_EVENTS = [
  'Message',
  'UndecryptableMessage',
  'ReadReceipt',
  'Connected',
  'Disconnected',
  'ConnectFailure',
  'KeepAliveTimeout',
  'KeepAliveRestored',
  'LoggedOut',
  'ClientOutdated',
  'TemporaryBan',
  'StreamError',
  'StreamReplaced',
  'PairSuccess',
  'PairError',
  'QR',
  'QRTimeout',
  'CallOffer',
  'CallOfferNotice',
  'JoinedGroup',
  'GroupInfo',
] as const;
const EVOLUTION_GO_EVENTS = ['MESSAGE', 'SEND_MESSAGE', 'READ_RECEIPT', 'CONNECTION', 'QRCODE', 'CALL', 'GROUP'] as const;

const previousSchema = z.object({ url: z.string(), events: z.array(z.string()), isSigned: z.boolean() });

/** One webhook for each user of wuzapi or instance of evolution-go. */
export const webhook: EngineWebhook = {
  async read(call) {
    const flavour = await flavourOf(call);
    if (flavour instanceof PonteError) return failure(flavour);
    return flavour === 'wuzapi' ? readWuzapi(call) : UNTOLD;
  },

  async set({ address, secret, ...call }) {
    const flavour = await flavourOf(call);
    if (flavour instanceof PonteError) return failure(flavour);
    if (flavour === 'evolution-go') {
      const json = { webhookUrl: address, subscribe: EVOLUTION_GO_EVENTS, immediate: true };
      return doneOf(await callEngine(call, { method: 'POST', path: '/instance/connect', json, isHarmless: true }));
    }
    const signed = await callEngine(call, { ...HMAC, method: 'POST', json: { hmac_key: secret } });
    // Earlier versions sign nothing.
    if (!signed.ok && signed.status !== 404) return failure(signed.error);
    return setWuzapi(call, address, WUZAPI_EVENTS);
  },

  async restore({ previous, ...call }) {
    const flavour = await flavourOf(call);
    if (flavour instanceof PonteError) return failure(flavour);
    // Of evolution-go nobody knows what stood there.
    if (flavour === 'evolution-go') return { kind: 'done' };
    const before = previousSchema.safeParse(previous).data;
    const done = await setWuzapi(call, before?.url ?? '', before?.events ?? WUZAPI_EVENTS);
    if (done.kind === 'failed' || before?.isSigned === true) return done;
    const unsigned = await callEngine(call, { ...HMAC, method: 'DELETE' });
    return unsigned.ok || unsigned.status === 404 ? done : failure(unsigned.error);
  },
};

const HMAC = { path: '/session/hmac/config', isHarmless: true } as const;
const failure = (error: PonteError): EngineFailure => ({ kind: 'failed', error });

const UNTOLD: WebhookFound = {
  kind: 'webhook',
  previous: undefined,
  address: undefined,
  warnings: [
    'evolution-go tells only its global key where it delivered before: the address is replaced, and is to be set by hand when the integration ends; its RabbitMQ, NATS and WebSocket are switched off for this instance',
  ],
};

async function readWuzapi(call: EngineCall): Promise<WebhookFound | EngineFailure> {
  const answer = await callEngine(call, { method: 'GET', path: '/webhook', isHarmless: true });
  if (!answer.ok) return failure(answer.error);
  const url = labelOf(answer.data, 'webhook');
  if (url === '') return { kind: 'webhook', previous: undefined, address: undefined, warnings: [] };
  // Ours from earlier on is nothing that could be given back.
  if (url.includes(DELIVERY_PATH)) return { kind: 'webhook', previous: undefined, address: url, warnings: [] };
  const { subscribe } = answer.data;
  const events = (Array.isArray(subscribe) ? subscribe : []).filter(
    (name): name is string => typeof name === 'string' && name !== '',
  );
  const hmac = await callEngine(call, { ...HMAC, method: 'GET' });
  // Only that there is one is told, behind asterisks.
  const isSigned = hmac.ok && labelOf(hmac.data, 'hmac_key') !== '';
  const warnings = isSigned ? ['it signs with a key of its owner, which is replaced and cannot be put back'] : [];
  return { kind: 'webhook', previous: { url, events, isSigned }, address: url, warnings };
}

/** Without events it would forget which were subscribed to. */
const setWuzapi = async (call: EngineCall, webhookurl: string, events: readonly string[]): Promise<WebhookDone | EngineFailure> =>
  doneOf(await callEngine(call, { method: 'POST', path: '/webhook', json: { webhookurl, events }, isHarmless: true }));

const doneOf = (answer: Reply): WebhookDone | EngineFailure => (answer.ok ? { kind: 'done' } : failure(answer.error));
