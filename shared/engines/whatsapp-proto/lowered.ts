import { type Fields, isFields } from '../fields.ts';

const DEPTH = 20;
/** Previews of 10 to 60 kB, which nobody shows. */
const DROPPED = new Set(['jpegthumbnail', 'pngthumbnail', 'thumbnail', 'waveform']);

/**
 * The same value with every key in lower case: Baileys and whatsmeow spell one protobuf field in two ways (`stanzaId`, `stanzaID`). What is
 * null, a preview, or nested absurdly deep is left out.
 */
function lowered(value: unknown, depth = DEPTH): unknown {
  if (Array.isArray(value)) return value.map((inner) => lowered(inner, depth - 1));
  if (!isFields(value)) return value;
  if (depth === 0) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, inner]) => {
      const name = key.toLowerCase();
      return inner === null || DROPPED.has(name) ? [] : [[name, lowered(inner, depth - 1)]];
    }),
  );
}

/** The object as {@link lowered} leaves it; an empty one where the value is none. */
export function loweredFields(value: unknown): Fields {
  const fields = lowered(value);
  return isFields(fields) ? fields : {};
}
