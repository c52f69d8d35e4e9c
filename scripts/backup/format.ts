import { z } from 'zod';

/*
 * A backup is one gzip of lines: what it is, then each table as its head, its rows as COPY writes them and `\.`, then the sequences, then the end.
 * Rows as text read the same in every major version of PostgreSQL. A line of a row never is `\.`, and never holds the end of a line.
 */

export const END_OF_ROWS = '\\.';

export const headSchema = z.object({
  ponte: z.string(),
  madeAt: z.string(),
  /** Those that the tables are of. */
  migrations: z.array(z.string()).min(1),
});
export type Head = z.infer<typeof headSchema>;

const NAME = /^\w{1,63}$/;
export const partSchema = z.union([
  z.object({ table: z.string().regex(NAME), columns: z.array(z.string().regex(NAME)).min(1) }),
  z.object({ sequences: z.record(z.string().regex(NAME), z.string().regex(/^\d+$/)) }),
  z.object({ end: z.literal(true), rows: z.int() }),
]);
export type Part = z.infer<typeof partSchema>;

export const quoted = (name: string): string => `"${name}"`;
export const copyTarget = (table: string, columns: readonly string[]): string =>
  `${quoted(table)} (${columns.map(quoted).join(', ')})`;
