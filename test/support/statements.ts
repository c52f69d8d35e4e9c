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

/**
 * Tells of each statement of those connections to a database that this process opens from now on, with the name under which the database
 * knows them. Answers what ends it.
 */
export function observeStatements(observe: (text: string, application: string | undefined) => void): () => void {
  const { query } = pg.Client.prototype;
  const observing = function (this: pg.Client, ...parameters: unknown[]): unknown {
    const [first] = parameters;
    const text = typeof first === 'string' ? first : (first as { text?: string } | undefined)?.text;
    const { connectionParameters } = this as unknown as { connectionParameters: { application_name?: string } };
    observe(text ?? '', connectionParameters.application_name);
    return Reflect.apply(query, this, parameters);
  };
  pg.Client.prototype.query = observing as typeof query;
  return () => {
    pg.Client.prototype.query = query;
  };
}
