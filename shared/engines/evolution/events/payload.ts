import { type Fields, isFields } from '../../fields.ts';

const DEPTH = 40;
const REDACTED = '[redacted]';
/** Evolution puts the key of the instance, or the global one, into every event. */
const SECRET_NAMES = /^(hash|jwt(_?key)?|authorization|.*(password|api_?key|secret|token))$/i;
/** Our own secret address, previews of 10 to 60 kB, and what pairs a phone. */
const DROPPED_NAMES = /^(destination|jpegThumbnail|pngThumbnail|thumbnail|waveform|qrcode|pairingCode)$/i;
/** A secret that stands in another value is looked for in texts up to this length; files are longer. */
const SEARCHED_LENGTH = 20_000;
const LEAST_SECRET = 6;

/** Lists of things that are events of their own. */
const SPLIT = /^(messages|send[._-]message|groups)([._-]|$)/i;

/**
 * What of a delivery is stored: `{event, data, sender, date_time}` without any secret, for each entry of a list. What is no envelope stays
 * as it is.
 */
export function payloadsOf(body: unknown): readonly unknown[] {
  if (!isFields(body) || typeof body.event !== 'string') return [body];
  const { event, data } = body;
  const strip = stripper(secretsOf(body));
  const envelope = { event, sender: strip(body.sender), date_time: strip(body.date_time) };
  const parts: readonly unknown[] = Array.isArray(data) && SPLIT.test(event) && data.length > 0 ? data : [data];
  return parts.map((part) => ({ ...envelope, data: strip(part) }));
}

const secretsOf = (body: Fields): string[] =>
  Object.entries(body).flatMap(([name, value]) =>
    SECRET_NAMES.test(name) && typeof value === 'string' && value.length >= LEAST_SECRET ? [value] : [],
  );

function stripper(secrets: readonly string[]): (value: unknown, depth?: number) => unknown {
  const masked = (text: string): string => secrets.reduce((result, secret) => result.replaceAll(secret, REDACTED), text);
  return function strip(value: unknown, depth = DEPTH): unknown {
    if (typeof value === 'string') return value.length > SEARCHED_LENGTH ? value : masked(value);
    if (depth === 0) return undefined;
    if (Array.isArray(value)) return value.map((inner) => strip(inner, depth - 1));
    if (!isFields(value)) return value;
    return Object.fromEntries(
      Object.entries(value)
        .filter(([name]) => !SECRET_NAMES.test(name) && !DROPPED_NAMES.test(name))
        .map(([name, inner]) => [masked(name), strip(inner, depth - 1)]),
    );
  };
}
