import type { PhoneTrouble } from './event.ts';

const NEXT_STEPS: Readonly<Record<PhoneTrouble, string>> = {
  disconnected: 'the engine connects again by itself; look at the phone’s network if it stays',
  logged_out: 'pair the phone again in the WhatsApp engine',
  stream_replaced: 'another device has taken its place; connect the instance again',
  temp_banned: 'WhatsApp has banned the number for a while; it must wait',
  client_outdated: 'update the WhatsApp engine',
  connect_failure: 'look into the log of the WhatsApp engine',
  stream_error: 'the engine connects again by itself; look into its log if it stays',
  cat_refresh_error: 'look into the log of the WhatsApp engine',
  keepalive_timeout: 'the engine connects again by itself; look at the phone’s network if it stays',
  qr_ready: 'scan the QR code of the instance with the phone',
  pair_error: 'pair the phone again in the WhatsApp engine',
  qr_scanned_no_multidevice: 'turn on linked devices on the phone, and pair it again',
};

const isTrouble = (state: string): state is PhoneTrouble => Object.hasOwn(NEXT_STEPS, state);

/** For `last_error`; `state` as it is stored. */
export const phoneFault = (state: string): string =>
  `WhatsApp is not connected (${state}) — ${isTrouble(state) ? NEXT_STEPS[state] : 'look into the WhatsApp engine'}`;
