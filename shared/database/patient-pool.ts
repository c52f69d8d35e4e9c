import type { EventEmitter } from 'node:events';
import pg from 'pg';
import { afterRunning } from '../running-time.ts';
import type { FullnessWatch } from './disk-full.ts';
import { PgClient, type PgClientConfig, type Silence } from './pg-client.ts';

/**
 * How long a connection without work is kept, in milliseconds. A new one costs the server 20 to 60 ms of computing with its first statements: after
 * a quiet while the pools of a whole process made theirs anew, all at once, just when there was something to do.
 */
export const CONNECTION_IDLE_MS = 5 * 60_000;

type Callback = Parameters<pg.Pool['connect']>[0];

export interface Patience {
  /** How long somebody waits for a free connection while the database works: longer than its clients care to wait, not for ever. */
  readonly waitMs: number;
  /** A database that has said nothing for this long, on any connection, is away; and so is one to which no connection could be made. */
  readonly silenceMs: number;
  /** Whether a silent database ends queries, too, before their own limit: not where one of them may take long. */
  readonly endsQueries: boolean;
  /** Told of what the server answers. */
  readonly fullness: FullnessWatch;
}

/**
 * A pool in which work queues instead of being refused. Waiting, for a free connection or for the answer to a query, takes as long as it takes
 * as long as the database shows that it lives: it has finished some statement, or taken some connection, a moment ago. Only one that is
 * silent is told as away, and soon; and what is our own slowness counts for nothing.
 */
export class PatientPool extends pg.Pool {
  readonly #silence: Silence;

  /** `config` without limits of time for connections: those are `patience`. */
  constructor(
    config: Omit<pg.PoolConfig, 'connectionTimeoutMillis' | 'Client'>,
    { waitMs, silenceMs, endsQueries, fullness }: Patience,
  ) {
    let lastSignMs = Number.NEGATIVE_INFINITY;
    const silence = { limitMs: silenceMs, lastSignMs: () => lastSignMs };
    super({ ...config, connectionTimeoutMillis: waitMs, Client: patientClient(silenceMs, endsQueries ? silence : undefined) });
    this.#silence = silence;
    const sign = (): void => {
      lastSignMs = performance.now();
    };
    this.on('connect', (client) => {
      sign();
      // The database is ready for the next statement, so it has come to the end of one.
      client.on('drain', sign);
      answersOf(client).on('errorMessage', ({ code }: { code?: string }) => fullness.note(code));
    });
  }

  /** Whether the database has shown within this time that it lives. */
  isAlive(withinMs: number): boolean {
    return performance.now() - this.#silence.lastSignMs() < withinMs;
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
    let isOver = false;
    const { limitMs, lastSignMs } = this.#silence;
    const stop = afterRunning(
      limitMs,
      () => {
        isOver = true;
        callback(new Error('timeout exceeded when trying to connect'), undefined, () => {});
      },
      lastSignMs,
    );
    super.connect((error, client, release) => {
      stop();
      // Nobody waits for it any more: it goes to whoever is next.
      if (isOver) return client?.release();
      isOver = true;
      callback(error, client, release);
    });
  }
}

/** What the types of `pg` leave out: the answers of the server, whoever asked. */
const answersOf = (client: pg.ClientBase) => (client as unknown as { connection: EventEmitter }).connection;

/** Clients for a pool whose own limit is how long one may wait in it; to connect takes no such time. */
export function patientClient(connectionTimeoutMillis: number, silence?: Silence) {
  return class extends PgClient {
    constructor(config?: PgClientConfig) {
      super({ ...config, connectionTimeoutMillis, ...(silence === undefined ? {} : { silence }) });
    }
  };
}
