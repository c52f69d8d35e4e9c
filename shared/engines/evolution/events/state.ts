import type { PhoneState, StateEvent, WhatsappEvent } from '../../event.ts';
import { fieldsOf, labelOf, numberOf } from '../../fields.ts';
import type { Envelope } from './read-event.ts';

/** Baileys' reasons of a disconnection. 402 and 406 end an account, too. */
const REASONS: Readonly<Record<number, PhoneState>> = {
  401: 'logged_out',
  402: 'temp_banned',
  403: 'temp_banned',
  406: 'temp_banned',
  411: 'pair_error',
  440: 'stream_replaced',
  500: 'stream_error',
};

const STATES: Readonly<Record<string, PhoneState>> = {
  open: 'connected',
  close: 'disconnected',
  closed: 'disconnected',
  refused: 'connect_failure',
  removed: 'logged_out',
};

/** What the engine's own word for a connection means; `connecting` says neither. */
export const phoneOf = (state: string, reason?: number): PhoneState | undefined => {
  const phone = STATES[state.toLowerCase()];
  return phone === 'disconnected' && reason !== undefined ? (REASONS[reason] ?? phone) : phone;
};

export function readConnection({ data, at }: Envelope): WhatsappEvent | undefined {
  const state = labelOf(data, 'state');
  return state === '' ? undefined : stateOf(state, phoneOf(state, numberOf(data, 'statusReason')), at);
}

/** A QR code waits to be scanned, or was for so long that the engine gave up. */
export function readPairing({ data, at }: Envelope): WhatsappEvent {
  const isOver = numberOf(data, 'statusCode') !== undefined || numberOf(fieldsOf(data.qrcode), 'statusCode') !== undefined;
  return isOver ? stateOf('qrcode.limit', 'pair_error', at) : stateOf('qrcode.updated', 'qr_ready', at);
}

export function readStatusInstance({ name, data, at }: Envelope): WhatsappEvent | undefined {
  if (name !== 'status.instance') return stateOf(name, 'logged_out', at);
  const state = labelOf(data, 'status', 'state');
  return state === '' ? undefined : stateOf(state, phoneOf(state, numberOf(data, 'disconnectionReasonCode')), at);
}

const stateOf = (state: string, phone: PhoneState | undefined, at: string): StateEvent => ({
  kind: 'state',
  state: state.slice(0, 100),
  phone,
  at,
});
