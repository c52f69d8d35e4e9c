/** What a text says as JSON; undefined where it is none. For answers that may be anything: a schema looks at the result. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
