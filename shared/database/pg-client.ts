import { EventEmitter } from 'node:events';
import pg from 'pg';

/**
 * A connection whose loss never ends the process. `pg` emits `error` when PostgreSQL ends a connection, and Node ends a process in which
 * nobody listens for that. Those who take a connection leave gaps: pg-pool, Prisma's adapter and BullMQ listen only once it is connected,
 * a pool stops listening before the taker has started, BullMQ stops before it has hung up. An error in such a gap is kept here, and told
 * to whoever listens next, so that nobody goes on with a connection that is gone.
 */
export class PgClient extends pg.Client {
  #missed: unknown;

  constructor(config?: string | pg.ClientConfig) {
    super(config);
    // Its own type knows of no such event.
    EventEmitter.prototype.on.call(this, 'newListener', (event) => {
      if (event !== 'error' || this.#missed === undefined) return;
      const error = this.#missed;
      this.#missed = undefined;
      // Not at once: the listener is not there yet, and whoever adds it has not finished.
      process.nextTick(() => this.emit('error', error));
    });
  }

  override emit(event: string | symbol, ...values: unknown[]): boolean {
    if (event === 'error' && this.listenerCount('error') === 0) {
      [this.#missed] = values;
      return false;
    }
    return super.emit(event, ...values);
  }
}
