import type pg from 'pg';

/** Holds a row as a transaction does that deletes it; ends when the answer is called. */
export async function holdRow(pool: pg.Pool, table: 'activations' | 'instances', id: string): Promise<() => Promise<void>> {
  const holder = await pool.connect();
  await holder.query('BEGIN');
  await holder.query(`SELECT FROM ${table} WHERE id = $1 FOR UPDATE`, [id]);
  return async () => {
    await holder.query('COMMIT');
    holder.release();
  };
}
