import pg from 'pg';
import { vi } from 'vitest';

/** What `run` came to, and the names of the prepared statements that it asked of a pool. */
export async function statementsOf<Result>(
  pool: pg.Pool,
  run: () => Promise<Result>,
): Promise<{ readonly result: Result; readonly names: readonly string[] }> {
  const query = vi.spyOn(pool, 'query');
  try {
    const result = await run();
    return { result, names: query.mock.calls.map(([first]) => String((first as { name?: string }).name)) };
  } finally {
    query.mockRestore();
  }
}

/** A process of the bridge says that it lives, whatever happens. */
export const HEARTBEAT = /^\s*WITH alive AS/;

export interface Statement {
  /** Of one that is prepared. */
  readonly name: string | undefined;
  readonly text: string;
  readonly values: readonly unknown[];
  /** Under which the database knows who asks. */
  readonly application: string | undefined;
}

/** Tells of each statement of those connections to a database that this process opens from now on. Answers what ends it. */
export function observeStatements(observe: (statement: Statement) => void): () => void {
  const { query } = pg.Client.prototype;
  const observing = function (this: pg.Client, ...parameters: unknown[]): unknown {
    const [first, second] = parameters;
    const {
      name,
      text = '',
      values = Array.isArray(second) ? second : [],
    }: Partial<pg.QueryConfig> = typeof first === 'string' ? { text: first } : ((first ?? {}) as pg.QueryConfig);
    const { connectionParameters } = this as unknown as { connectionParameters: { application_name?: string } };
    observe({ name, text, values, application: connectionParameters.application_name });
    return Reflect.apply(query, this, parameters);
  };
  pg.Client.prototype.query = observing as typeof query;
  return () => {
    pg.Client.prototype.query = query;
  };
}
