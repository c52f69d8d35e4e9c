import type pg from 'pg';
import { z } from 'zod';

const applicantSchema = z.object({
  accountId: z.string(),
  chatwootBaseUrl: z.string(),
  createdAt: z.date(),
  remainingMs: z.number(),
});
/** What decides whether it is an activation's turn, before anybody claims it. */
export type Applicant = z.infer<typeof applicantSchema>;

/** Undefined for one that has ended, whose deadline has passed, or whose row this version does not understand. */
export async function findApplicant(pool: pg.Pool, activationId: string): Promise<Applicant | undefined> {
  const { rows } = await pool.query({
    name: 'find_applicant',
    text: `SELECT i.account_id AS "accountId", a.settings->>'chatwootBaseUrl' AS "chatwootBaseUrl", a.created_at AS "createdAt",
        (extract(epoch FROM a.deadline_at - clock_timestamp()) * 1000)::float8 AS "remainingMs"
      FROM activations a JOIN instances i ON i.id = a.instance_id
      WHERE a.id = $1 AND a.state IN ('pending', 'running') AND a.deadline_at > now()`,
    values: [activationId],
  });
  return applicantSchema.safeParse(rows[0]).data;
}
