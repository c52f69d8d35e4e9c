/** Below this a text cannot be made of enough values to matter. */
const ALWAYS_READ = 65_536;
/** A value takes some fifty times the two bytes that it is written with, and time; no message, file or list of ours has so many. */
const MOST_VALUES = 100_000;
const SEPARATORS = [',', '[', '{'] as const;

/**
 * Whether JSON may be parsed: a body of megabytes is one long text (a file in base64), or made to become gigabytes of tiny values. Counted
 * without looking at what is inside of texts: base64 has none of the separators.
 */
export function hasFewValues(json: string | Buffer): boolean {
  if (json.length <= ALWAYS_READ) return true;
  let values = 0;
  for (const separator of SEPARATORS) {
    for (let at = json.indexOf(separator); at >= 0; at = json.indexOf(separator, at + 1)) {
      values += 1;
      if (values > MOST_VALUES) return false;
    }
  }
  return true;
}

/** What a text says as JSON; undefined where it is none, or none to be read. For answers that may be anything: a schema looks at the result. */
export function parseJson(json: string | Buffer): unknown {
  if (!hasFewValues(json)) return undefined;
  try {
    return JSON.parse(json.toString());
  } catch {
    return undefined;
  }
}
