import pg from 'pg';
import { PgClient } from './pg-client.ts';

type Callback = Parameters<pg.Pool['connect']>[0];

export interface Patience {
  /** How long somebody waits for a free connection while the database works: longer than its clients care to wait, not for ever. */
  readonly waitMs: number;
  /** A database that has said nothing for this long, on any connection, is away; and so is one to which no connection could be made. */
  readonly silenceMs: number;
}

/**
 * A pool in which work queues instead of being refused. Waiting for a free connection takes as long as it takes, as long as the database shows
 * that it lives: it has finished some statement, or taken some connection, a moment ago. Only one that is silent is told as away, and soon.
 */
export class PatientPool extends pg.Pool {
  readonly #silenceMs: number;
  #lastSignMs = Number.NEGATIVE_INFINITY;

  /** `config` without limits of time for connections: those are `patience`. */
  constructor(config: Omit<pg.PoolConfig, 'connectionTimeoutMillis' | 'Client'>, { waitMs, silenceMs }: Patience) {
    super({ ...config, connectionTimeoutMillis: waitMs, Client: clientThatConnectsWithin(silenceMs) });
    this.#silenceMs = silenceMs;
    const sign = (): void => {
      this.#lastSignMs = performance.now();
    };
    this.on('connect', (client) => {
      sign();
      // The database is ready for the next statement, so it has come to the end of one.
      client.on('drain', sign);
    });
  }

  /** Whether the database has shown within this time that it lives. */
  isAlive(withinMs: number): boolean {
    return performance.now() - this.#lastSignMs < withinMs;
  }

  override connect(): Promise<pg.PoolClient>;
  override connect(callback: Callback): void;
  override connect(callback?: Callback): Promise<pg.PoolClient> | undefined {
    if (callback === undefined) {
      return new Promise((resolve, reject) => {
        this.#take((error, client) => (client === undefined ? reject(error) : resolve(client)));
      });
    }
    this.#take(callback);
    return undefined;
  }

  #take(callback: Callback): void {
    const sinceMs = performance.now();
    let isOver = false;
    let timer = setTimeout(look, this.#silenceMs);
    const silentMs = (): number => performance.now() - Math.max(sinceMs, this.#lastSignMs);
    const rest = (): number => this.#silenceMs - silentMs();

    function look(): void {
      // What has arrived while this process was busy is read first.
      setImmediate(() => {
        if (isOver) return;
        if (rest() > 0) {
          timer = setTimeout(look, rest());
          return;
        }
        isOver = true;
        callback(new Error('timeout exceeded when trying to connect'), undefined, () => {});
      });
    }

    super.connect((error, client, release) => {
      clearTimeout(timer);
      // Nobody waits for it any more: it goes to whoever is next.
      if (isOver) return client?.release();
      isOver = true;
      callback(error, client, release);
    });
  }
}

/** The pool's own limit is how long one may wait in it; to connect takes no such time. */
function clientThatConnectsWithin(connectionTimeoutMillis: number) {
  return class extends PgClient {
    constructor(config?: pg.ClientConfig) {
      super({ ...config, connectionTimeoutMillis });
    }
  };
}
