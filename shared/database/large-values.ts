import { randomBytes } from 'node:crypto';
import type pg from 'pg';

/** From here on it counts that a value is copied. */
const LARGE_BYTES = 1_048_576;
/** Stands for the value in the message that the driver makes; nobody else's value can be it. */
const PLACEHOLDER = randomBytes(32);

interface BindConfig {
  readonly values?: readonly unknown[];
}
/** What the types of `pg` leave out: the wire below a client, and what sends a message on it. */
interface Wire {
  readonly stream: { readonly writable: boolean; write(bytes: Buffer): void };
  bind(this: { _send(message: Buffer): void }, config: BindConfig): void;
}

/**
 * Has a large value of a statement, a Buffer, go to the server as it is: the driver copies it three times to put its message together, in one stretch
 * in which nothing else of the process goes on, and holds all three. Of several the first.
 */
export function sendLargeValuesAsTheyAre(client: pg.Client): void {
  const { connection } = client as unknown as { readonly connection: Wire };
  const { bind } = connection;
  function bindLarge(config: BindConfig): void {
    const at = config.values?.findIndex((value) => Buffer.isBuffer(value) && value.length > LARGE_BYTES) ?? -1;
    const large = config.values?.[at];
    if (!Buffer.isBuffer(large)) return void bind.call(connection as never, config);
    const send = (message: Buffer): void => {
      if (!connection.stream.writable) return;
      const [head, tail] = aroundPlaceholder(message, large.length);
      for (const part of [head, large, tail]) connection.stream.write(part);
    };
    bind.call({ _send: send }, { ...config, values: config.values?.with(at, PLACEHOLDER) ?? [] });
  }
  Object.assign(connection, { bind: bindLarge });
}

/** The message before and after the placeholder, with the lengths of one whose value there has so many bytes. */
function aroundPlaceholder(message: Buffer, bytes: number): [Buffer, Buffer] {
  const at = message.indexOf(PLACEHOLDER);
  // A letter for the kind of message, its length without that letter; and before each value the length of that.
  message.writeInt32BE(message.readInt32BE(1) + bytes - PLACEHOLDER.length, 1);
  message.writeInt32BE(bytes, at - 4);
  return [message.subarray(0, at), message.subarray(at + PLACEHOLDER.length)];
}
