import { EventEmitter } from 'node:events';
import pg from 'pg';
import { afterRunning } from '../running-time.ts';
import { sendLargeValuesAsTheyAre } from './large-values.ts';

/** When a server counts as away. */
export interface Silence {
  readonly limitMs: number;
  /** When it last showed that it lives, on this connection or any other, by `performance.now()`. */
  lastSignMs(): number;
}

export type PgClientConfig = pg.ClientConfig & { readonly silence?: Silence };

/**
 * A connection whose loss never ends the process, and whose limits of time (`connectionTimeoutMillis`, `query_timeout`) judge the server
 * and not us: only time in which this process could have heard an answer counts. A query ends as well once the server is `silence`d.
 *
 * `pg` emits `error` when PostgreSQL ends a connection, and Node ends a process in which nobody listens for that. Those who take a
 * connection leave gaps: pg-pool, Prisma's adapter and BullMQ listen only once it is connected, a pool stops listening before the taker has
 * started, BullMQ stops before it has hung up. An error in such a gap is kept here, and told to whoever listens next, so that nobody goes
 * on with a connection that is gone.
 */
export class PgClient extends pg.Client {
  #missed: unknown;

  constructor(given?: string | PgClientConfig) {
    const { connectionTimeoutMillis, query_timeout, silence, ...config } =
      typeof given === 'string' ? { connectionString: given } : (given ?? {});
    super(config);
    // Its own type knows of no such event.
    EventEmitter.prototype.on.call(this, 'newListener', (event) => {
      if (event !== 'error' || this.#missed === undefined) return;
      const error = this.#missed;
      this.#missed = undefined;
      // Not at once: the listener is not there yet, and whoever adds it has not finished.
      process.nextTick(() => this.emit('error', error));
    });
    sendLargeValuesAsTheyAre(this);
    boundConnect(this, connectionTimeoutMillis);
    boundQueries(this, query_timeout || undefined, silence);
  }

  override emit(event: string | symbol, ...values: unknown[]): boolean {
    if (event === 'error' && this.listenerCount('error') === 0) {
      [this.#missed] = values;
      return false;
    }
    return super.emit(event, ...values);
  }
}

/** What the types of `pg` leave out: the wire below a client. */
const socketOf = (client: pg.Client) =>
  (client as unknown as { connection: { stream: { bytesRead?: number; destroy(error?: Error): void } } }).connection.stream;

/** A handshake of several round trips goes on for as long as the server takes part in it. */
function boundConnect(client: pg.Client, limitMs: number | undefined): void {
  if (!limitMs) return;
  const connect = client.connect.bind(client);
  let bytes: number | undefined;
  let signMs = Number.NEGATIVE_INFINITY;
  const lastSignMs = (): number => {
    const { bytesRead } = socketOf(client);
    if (bytes !== undefined && bytesRead !== bytes) signMs = performance.now();
    bytes = bytesRead;
    return signMs;
  };
  function bounded(callback?: (error: Error) => void): Promise<unknown> | undefined {
    const stop = afterRunning(limitMs ?? 0, () => socketOf(client).destroy(new Error('timeout expired')), lastSignMs);
    if (callback === undefined) return connect().finally(stop);
    connect((error: Error) => {
      stop();
      callback(error);
    });
    return undefined;
  }
  Object.assign(client, { connect: bounded });
}

type Answered = (error: Error | undefined, result?: unknown) => void;
const isCallback = (value: unknown): value is Answered => typeof value === 'function';

/** pg's own limit is a timer that blames the server for whatever kept this process from reading its answer. */
function boundQueries(client: pg.Client, limitMs: number | undefined, silence: Silence | undefined): void {
  // Its overloads are those of `pg`, and stay what the class is known by.
  const query = client.query.bind(client) as (...values: unknown[]) => unknown;

  function watch(wholeMs: number, giveUp: (error: Error) => void): () => void {
    const onOver = (): void => {
      stop();
      giveUp(new Error('Query read timeout'));
      // Whoever is next must not wait behind it, and what comes after all is no answer to them.
      socketOf(client).destroy();
    };
    const stops = [afterRunning(wholeMs, onOver)];
    if (silence !== undefined) stops.push(afterRunning(silence.limitMs, onOver, silence.lastSignMs));
    const stop = (): void => {
      for (const end of stops) end();
    };
    return stop;
  }

  function bounded(config: unknown, ...rest: unknown[]): unknown {
    const own =
      typeof config === 'object' && config !== null && 'query_timeout' in config ? Number(config.query_timeout) : undefined;
    const wholeMs = own ?? limitMs;
    if (wholeMs === undefined || config === null || (typeof config === 'object' && 'submit' in config))
      return query(config, ...rest);
    const plain = own === undefined ? config : { ...Object(config), query_timeout: undefined };
    const at = rest.findIndex(isCallback);
    const callback = rest[at];
    if (isCallback(callback)) {
      let isOver = false;
      const once: Answered = (error, result) => {
        if (isOver) return;
        isOver = true;
        stop();
        callback(error, result);
      };
      const stop = watch(wholeMs, once);
      return query(plain, ...rest.with(at, once));
    }
    const answer = query(plain, ...rest);
    if (!(answer instanceof Promise)) return answer;
    return new Promise((resolve, reject) => {
      const stop = watch(wholeMs, reject);
      answer.finally(stop).then(resolve, reject);
    });
  }
  Object.assign(client, { query: bounded });
}
