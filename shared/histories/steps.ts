import { kindIn } from '../engines/kind-in.ts';
import { engineKinds, engineOf } from '../engines/registry.ts';

/** Engines that can tell what was written before. */
const IS_TELLING = kindIn(
  'asked.engine_kind',
  engineKinds.filter((kind) => engineOf(kind).readHistory !== undefined),
);

/**
 * Steps of a statement (common table expressions) that has just written what is `held` (shared/activations), by which the imports of history that
 * were asked for are to begin: once for an integration and so many days. Asked for none, one that is under way ends.
 */
export const HISTORY_STEPS = `
  asked AS (
    SELECT instance_id, engine_kind, bridge_integration_id, (fresh ->> 'import_history_days')::integer AS days FROM held
  ), history AS (
    INSERT INTO engine_histories AS before (instance_id, bridge_integration_id, days, state, activated_at, since, finished_at)
    SELECT instance_id, bridge_integration_id, days, CASE WHEN ${IS_TELLING} THEN 'reading' ELSE 'unsupported' END,
           now(), now() - make_interval(days => days), CASE WHEN ${IS_TELLING} THEN NULL ELSE now() END
      FROM asked WHERE days > 0
    ON CONFLICT (instance_id) DO UPDATE SET bridge_integration_id = excluded.bridge_integration_id, days = excluded.days,
           state = excluded.state, activated_at = excluded.activated_at, since = excluded.since, finished_at = excluded.finished_at,
           until = NULL, cursor = NULL, found = 0, handed_over = 0, is_cut = false, attempts = 0, last_error = '',
           next_attempt_at = now(), claim = before.claim + 1, claimed_until = now()
     WHERE before.bridge_integration_id <> excluded.bridge_integration_id OR before.days < excluded.days
        OR before.state IN ('unsupported', 'unable', 'failed', 'stopped')
    RETURNING before.instance_id
  ), forgotten AS (
    DELETE FROM engine_history_messages WHERE instance_id IN (SELECT instance_id FROM history)
  ), stopped AS (
    UPDATE engine_histories h SET state = 'stopping', claim = h.claim + 1, claimed_until = now(), next_attempt_at = now()
      FROM asked WHERE h.instance_id = asked.instance_id AND asked.days = 0 AND h.finished_at IS NULL
    RETURNING h.instance_id
  )`;
