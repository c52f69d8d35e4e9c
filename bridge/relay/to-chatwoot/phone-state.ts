const CONNECTED = new Set(['connected', 'keepalive_restored', 'pair_success']);
const NEXT_STEPS: Readonly<Record<string, string>> = {
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

/** What an engine's state means: '' while the phone is connected, the state while it is not, undefined where it says neither. */
export function phoneStateOf(state: string): string | undefined {
  if (CONNECTED.has(state)) return '';
  return state in NEXT_STEPS ? state : undefined;
}

/** For `last_error`. */
export const phoneFault = (state: string): string =>
  `WhatsApp is not connected (${state}) — ${NEXT_STEPS[state] ?? 'look into the WhatsApp engine'}`;
