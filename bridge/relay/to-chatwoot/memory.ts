/** What is remembered at most of each kind, and for how long. */
const MOST = 200;
const FOR_MS = 5 * 60_000;

/** What was read of one kind and holds until it is dropped. */
export interface Shelf<Value> {
  find(key: string): Value | undefined;
  keep(key: string, value: Value): void;
  /** What is remembered under the key; else what `read` resolves with, which is remembered then, where it `lasts`. */
  read(key: string, read: () => Promise<Value>, lasts?: (value: Value) => boolean): Promise<Value>;
  /** Forgets those that `concerns`; all of them where that is not given. */
  drop(concerns?: (value: Value, key: string) => boolean): void;
}

/**
 * What a relay has read a moment ago. Of its own tables it holds until this process writes there itself, and drops it: nobody but the holder
 * of the lease writes them. All of it has an end, and nothing is kept of an integration on which nothing happens.
 */
export function createShelf<Value>(): Shelf<Value> {
  const values = new Map<string, Value>();
  let endsAtMs = 0;
  let timer: NodeJS.Timeout | undefined;
  let drops = 0;

  function clear(): void {
    clearTimeout(timer);
    timer = undefined;
    values.clear();
  }

  function keep(key: string, value: Value): void {
    if (values.size === 0) {
      endsAtMs = performance.now() + FOR_MS;
      clearTimeout(timer);
      timer = setTimeout(clear, FOR_MS).unref();
    }
    const [oldest] = values.keys();
    if (values.size >= MOST && oldest !== undefined) values.delete(oldest);
    values.set(key, value);
  }

  function find(key: string): Value | undefined {
    // A process that was stopped for long has not heard its timers.
    if (performance.now() >= endsAtMs) clear();
    return values.get(key);
  }

  return {
    find,
    keep,
    async read(key, read, lasts = () => true) {
      const known = find(key);
      if (known !== undefined) return known;
      const before = drops;
      const value = await read();
      // What was written meanwhile may not be in it.
      if (drops === before && lasts(value)) keep(key, value);
      return value;
    },
    drop(concerns) {
      drops += 1;
      if (concerns === undefined) return clear();
      for (const [key, value] of values) if (concerns(value, key)) values.delete(key);
    },
  };
}
