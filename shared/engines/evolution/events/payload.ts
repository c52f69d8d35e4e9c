import { type Fields, isFields } from '../../fields.ts';
import { isSecretName, withoutSecrets } from '../../without-secrets.ts';

const REDACTED = '[redacted]';
/** A key under a name of its own, our own secret address, previews of 10 to 60 kB, and what pairs a phone. */
const DROPPED_NAMES = /^(hash|destination|jpegThumbnail|pngThumbnail|thumbnail|waveform|qrcode|pairingCode)$/i;
/** A secret that stands in another value is looked for in texts up to this length; files are longer. */
const SEARCHED_LENGTH = 20_000;
const LEAST_SECRET = 6;

/** Lists of things that are events of their own. */
const SPLIT = /^(messages|send[._-]message|groups)([._-]|$)/i;

/**
 * What of a delivery is stored: `{event, data, sender, date_time}` without any secret, for each entry of a list. What is no envelope stays
 * as it is, without secrets as well.
 */
export function payloadsOf(body: unknown): readonly unknown[] {
  if (!isFields(body)) return [body];
  if (typeof body.event !== 'string') return [stripper(body)(body)];
  const { event, data } = body;
  const strip = stripper(body);
  const envelope = { event, sender: strip(body.sender), date_time: strip(body.date_time) };
  const parts: readonly unknown[] = Array.isArray(data) && SPLIT.test(event) && data.length > 0 ? data : [data];
  return parts.map((part) => ({ ...envelope, data: strip(part) }));
}

/** Evolution puts the key of the instance, or the global one, into every event; whatever repeats it is masked. */
function stripper(body: Fields): (value: unknown) => unknown {
  const secrets = Object.entries(body).flatMap(([name, value]) =>
    (isSecretName(name) || name === 'hash') && typeof value === 'string' && value.length >= LEAST_SECRET ? [value] : [],
  );
  const mask = (text: string): string =>
    text.length > SEARCHED_LENGTH ? text : secrets.reduce((result, secret) => result.replaceAll(secret, REDACTED), text);
  return (value) => withoutSecrets(value, { also: DROPPED_NAMES, mask });
}
