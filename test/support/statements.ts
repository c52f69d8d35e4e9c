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

/** Of a process of the bridge that says that it lives. */
const HEARTBEAT = /^\s*WITH alive AS/;

/** What anybody in this process asked any database while `run` ran, and how often; but for heartbeats. */
export async function statementsDuring(run: () => Promise<void>): Promise<{ readonly text: string; readonly count: number }[]> {
  const query = vi.spyOn(pg.Client.prototype, 'query');
  try {
    await run();
    const counts = new Map<string, number>();
    for (const [first] of query.mock.calls as unknown[][]) {
      const text = typeof first === 'string' ? first : String((first as { text?: string } | undefined)?.text);
      if (!HEARTBEAT.test(text)) counts.set(text, (counts.get(text) ?? 0) + 1);
    }
    return [...counts].map(([text, count]) => ({ text, count }));
  } finally {
    query.mockRestore();
  }
}
