import { z } from 'zod';

const refusalSchema = z.object({ code: z.string().regex(/^[0-9A-Z]{5}$/) });
/** Values that it cannot keep, rules of the tables, and waiting for each other: SQLSTATE classes 22, 23 and 40. */
const OF_ONE = ['22', '23', '40'];

/** Whether PostgreSQL has refused a statement for what one of the rows in it says, so that without that one it may take the others. */
export function isOfOneQuestion(error: unknown): boolean {
  const refusal = refusalSchema.safeParse(error);
  return refusal.success && OF_ONE.includes(refusal.data.code.slice(0, 2));
}
