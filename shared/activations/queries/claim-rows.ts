import type pg from 'pg';
import { z } from 'zod';
import { idIn } from '../../database/id-in.ts';
import { stateIn } from '../../database/state-in.ts';
import { oneByOne } from '../../one-by-one.ts';

const claimedRows = z.array(z.looseObject({ id: z.string() }));

/**
 * Takes those of these activations that have not ended and whose deadline has not passed; answers the row of each, in their order, undefined
 * where there is nothing to take. What the bridge does not know yet of deactivated integrations is all there when an activation is claimed:
 * nothing can be deactivated while one is unfinished. Of one that is there twice the second claim follows the first and fences it, as of two
 * that come one after the other.
 */
export const claimRows = (pool: pg.Pool, activationIds: readonly string[]): Promise<unknown[]> =>
  oneByOne(
    activationIds,
    (id) => id,
    (ids) => claimEach(pool, ids),
  );

async function claimEach(pool: pg.Pool, activationIds: readonly string[]): Promise<unknown[]> {
  const { rows } = await pool.query({
    name: 'claim_activations',
    text: `UPDATE activations a
      SET attempt = a.attempt + 1, state = 'running', started_at = coalesce(a.started_at, now())
      FROM instances i
      WHERE ${idIn('a.id', '$1')} AND i.id = a.instance_id
        AND ${stateIn('a.state', 'pending', 'running')} AND a.deadline_at > now()
      RETURNING a.id, a.attempt, a.settings, a.trace, i.id AS "instanceId", i.name AS "instanceName", i.account_id AS "accountId",
        a.chatwoot_token AS "chatwootToken", a.request_id AS "requestId", a.created_at AS "createdAt", a.deadline_at AS "deadlineAt",
        (extract(epoch FROM a.deadline_at - clock_timestamp()) * 1000)::float8 AS "remainingMs",
        ARRAY(SELECT r.bridge_integration_id FROM removals r
               WHERE r.instance_id = i.id AND r.reason = 'deactivated' AND r.state IN ('pending', 'dead') AND NOT r.known_to_bridge
                 AND r.bridge_integration_id IS NOT NULL) AS "unknownToBridge"`,
    values: [activationIds],
  });
  const claimed = new Map<string, unknown>(claimedRows.parse(rows).map((row) => [row.id, row]));
  return activationIds.map((id) => claimed.get(id));
}
