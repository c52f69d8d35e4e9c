import type pg from 'pg';
import { z } from 'zod';
import { idIn } from '../../database/id-in.ts';
import { stateIn } from '../../database/state-in.ts';

const applicantSchema = z.object({
  id: z.string(),
  accountId: z.string(),
  chatwootBaseUrl: z.string(),
  createdAt: z.date(),
  remainingMs: z.number(),
});
/** What decides whether it is an activation's turn, before anybody claims it. */
export type Applicant = z.infer<typeof applicantSchema>;

/** Of these activations, in their order; undefined for one that has ended, whose deadline has passed, or whose row this version does not understand. */
export async function findApplicants(pool: pg.Pool, ids: readonly string[]): Promise<(Applicant | undefined)[]> {
  const { rows } = await pool.query({
    name: 'find_applicants',
    text: `SELECT a.id, i.account_id AS "accountId", a.settings->>'chatwootBaseUrl' AS "chatwootBaseUrl", a.created_at AS "createdAt",
        (extract(epoch FROM a.deadline_at - clock_timestamp()) * 1000)::float8 AS "remainingMs"
      FROM activations a JOIN instances i ON i.id = a.instance_id
      WHERE ${idIn('a.id', '$1')} AND ${stateIn('a.state', 'pending', 'running')} AND a.deadline_at > now()`,
    values: [ids],
  });
  const found = new Map(rows.flatMap((row) => applicantSchema.safeParse(row).data ?? []).map((one) => [one.id, one]));
  return ids.map((id) => found.get(id));
}
