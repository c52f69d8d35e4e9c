import type pg from 'pg';
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
