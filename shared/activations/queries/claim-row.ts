import type pg from 'pg';
import { stateIn } from '../../database/state-in.ts';

/**
 * Takes an activation that has not ended and whose deadline has not passed. What the bridge does not know yet of deactivated integrations
 * is all there when the activation is claimed: nothing can be deactivated while one is unfinished.
 */
export async function claimRow(pool: pg.Pool, activationId: string): Promise<unknown> {
  const { rows } = await pool.query({
    name: 'claim_activation',
    text: `UPDATE activations a
      SET attempt = a.attempt + 1, state = 'running', started_at = coalesce(a.started_at, now())
      FROM instances i
      WHERE a.id = $1 AND i.id = a.instance_id AND ${stateIn('a.state', 'pending', 'running')} AND a.deadline_at > now()
      RETURNING a.id, a.attempt, a.settings, a.trace, i.id AS "instanceId", i.name AS "instanceName", i.account_id AS "accountId",
        a.chatwoot_token AS "chatwootToken", a.request_id AS "requestId", a.created_at AS "createdAt", a.deadline_at AS "deadlineAt",
        (extract(epoch FROM a.deadline_at - clock_timestamp()) * 1000)::float8 AS "remainingMs",
        ARRAY(SELECT r.bridge_integration_id FROM removals r
               WHERE r.instance_id = i.id AND r.reason = 'deactivated' AND r.state IN ('pending', 'dead') AND NOT r.known_to_bridge
                 AND r.bridge_integration_id IS NOT NULL) AS "unknownToBridge"`,
    values: [activationId],
  });
  return rows[0];
}
