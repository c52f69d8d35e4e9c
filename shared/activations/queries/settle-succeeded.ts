import type pg from 'pg';
import { z } from 'zod';
import { stateIn } from '../../database/state-in.ts';
import { HISTORY_STEPS } from '../../histories/steps.ts';
import { HOLDER_COLUMNS, WISH_STEPS, type WishValues } from '../../instances/webhook-wish.ts';
import type { PreviousInbox } from '../previous-inbox.ts';
import { ACTIVATION_SETTLED_CHANNEL, LONGEST_NOTICE_BYTES } from '../settled-channel.ts';
import type { ActivationTrace, TraceEntry } from '../trace.ts';

/** What is written where an activation succeeds. */
export interface Success {
  readonly instanceId: string;
  readonly activationId: string;
  /** The claim: where another one holds the activation now, nothing is written. */
  readonly attempt: number;
  /** Ids for the rows that may have to be made. */
  readonly ids: { readonly integration: string; readonly removals: readonly [string, string] };
  readonly bridgeIntegrationId: string;
  /** What the bridge says it takes the place of. */
  readonly replaces: string | undefined;
  /** The row of `chatwoot_integrations`, by the names of its fields. */
  readonly integration: Readonly<Record<string, unknown>>;
  /** What it has moved away from. */
  readonly previousInbox: PreviousInbox | undefined;
  /** The version of a Chatwoot that is older than those Ponte is held by. */
  readonly oldRelease: string | null;
  readonly wish: WishValues;
  /** Of the tries before. */
  readonly trace: ActivationTrace;
  /** This try; how long it took to store it is added. */
  readonly entry: TraceEntry;
}

const settledRows = z.array(
  z.object({
    id: z.string(),
    attempt: z.number().int(),
    /** Of what was replaced. */
    removalIds: z.array(z.string()),
    /** Whether an engine is to be told something; and whether an import of history is to begin, or to end. */
    isWished: z.boolean(),
    isHistoryWished: z.boolean(),
  }),
);
export type SettledSuccess = Omit<z.infer<typeof settledRows>[number], 'id' | 'attempt'>;

const columnOf = (field: string): string => field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

interface Prepared {
  readonly columns: readonly string[];
  readonly text: string;
}
/** By the fields of an integration, which are the same for all: put together once. */
const prepared = new Map<string, Prepared>();

function prepare(fields: readonly string[]): Prepared {
  const key = fields.join();
  const known = prepared.get(key);
  if (known !== undefined) return known;
  const columns = fields.map(columnOf);
  const made = { columns, text: statement(columns) };
  prepared.set(key, made);
  return made;
}

/**
 * Records integrations and that their activations have succeeded, in one statement: the claims are checked and the rows are locked first, in
 * the order in which an instance is deleted (the instance, then its activation: the other way round the two could wait for each other),
 * and every other step takes what it writes from there. Answers in their order, undefined where the claim is lost.
 */
export async function settleSucceeded(pool: pg.Pool, successes: readonly Success[]): Promise<(SettledSuccess | undefined)[]> {
  const { columns, text } = prepare(Object.keys(successes[0]?.integration ?? {}));
  const { rows } = await pool.query({
    name: 'settle_succeeded',
    text,
    values: [successes.map((success) => toRow(success, columns)), ACTIVATION_SETTLED_CHANNEL],
  });
  const settled = settledRows.parse(rows);
  return successes.map(({ activationId, attempt }) => settled.find((row) => row.id === activationId && row.attempt === attempt));
}

/** As the step `told` reads it. */
function toRow(success: Success, columns: readonly string[]): string {
  const { ids, wish } = success;
  const integration = Object.values(success.integration);
  return JSON.stringify({
    of_instance: success.instanceId,
    activation_id: success.activationId,
    attempt: success.attempt,
    integration_id: ids.integration,
    fresh: Object.fromEntries(columns.map((column, index) => [column, integration[index]])),
    bridge_integration_id: success.bridgeIntegrationId,
    replaces: success.replaces,
    removal_ids: ids.removals,
    previous_inbox: success.previousInbox,
    old_release: success.oldRelease,
    trace: success.trace,
    entry: success.entry,
    ...wish,
  });
}

/** `columns` are those of the table that the settings and the bridge's answer fill: always the same, for all calls. */
const statement = (columns: readonly string[]): string => `
  WITH told AS (
    SELECT told.* FROM unnest((SELECT $1::jsonb[])) AS success, jsonb_to_record(success) AS told (
      of_instance text, activation_id text, attempt integer, integration_id text, fresh jsonb, bridge_integration_id text, replaces text,
      removal_ids text[], previous_inbox jsonb, old_release text, trace jsonb, entry jsonb, wish_id text, new_key text, new_key_hash text)
  ), held AS MATERIALIZED (
    SELECT told.*, ${HOLDER_COLUMNS}, c.bridge_integration_id AS replaced
      FROM told
      JOIN instances i ON i.id = told.of_instance
      JOIN activations a ON a.id = told.activation_id
      LEFT JOIN chatwoot_integrations c ON c.instance_id = i.id
     WHERE a.instance_id = i.id AND a.attempt = told.attempt AND ${stateIn('a.state', 'running')}
       FOR KEY SHARE OF i FOR UPDATE OF a
  ), saved AS (
    INSERT INTO chatwoot_integrations AS before (id, instance_id, previous_inbox, updated_at, ${columns.join(', ')})
    SELECT held.integration_id, held.instance_id, held.previous_inbox, now(), ${columns.map((column) => `fresh.${column}`).join(', ')}
      FROM held, jsonb_populate_record(NULL::chatwoot_integrations, held.fresh) AS fresh
    ON CONFLICT (instance_id) DO UPDATE SET updated_at = now(),
      -- One that an earlier move has left is still there.
      previous_inbox = coalesce(excluded.previous_inbox, before.previous_inbox),
      ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}
    RETURNING instance_id
  ), ${WISH_STEPS}, ${HISTORY_STEPS}, removal AS (
    INSERT INTO removals (id, instance_id, instance_name, account_id, bridge_integration_id, reason)
    SELECT DISTINCT ON (held.instance_id, gone.integration_id) gone.id, held.instance_id, held.name, held.account_id, gone.integration_id,
           'superseded'::removal_reason
      FROM held, LATERAL (VALUES (removal_ids[1], held.replaced), (removal_ids[2], held.replaces)) AS gone (id, integration_id)
     WHERE gone.integration_id NOT IN ('', held.bridge_integration_id)
    RETURNING id, instance_id
  ), ended AS (
    UPDATE activations a
       SET state = 'succeeded', bridge_integration_id = held.bridge_integration_id, chatwoot_token = NULL, finished_at = now(),
           error = NULL, previous_inbox = held.previous_inbox, old_release = held.old_release,
           trace = held.trace || jsonb_build_array(held.entry || jsonb_build_object('storeMs',
             round(extract(epoch FROM clock_timestamp() - statement_timestamp()) * 1000)))
      FROM held JOIN saved USING (instance_id) WHERE a.id = held.activation_id
    RETURNING a.id, a.attempt, a.instance_id, json_build_object('id', a.id, 'state', a.state, 'bridgeIntegrationId', a.bridge_integration_id,
      'previousInbox', a.previous_inbox, 'oldRelease', a.old_release, 'error', NULL)::text AS notice
  )
  SELECT id, attempt, ARRAY(SELECT id FROM removal WHERE instance_id = ended.instance_id) AS "removalIds",
         instance_id IN (SELECT instance_id FROM wished UNION ALL SELECT instance_id FROM restored) AS "isWished",
         instance_id IN (SELECT instance_id FROM history UNION ALL SELECT instance_id FROM stopped) AS "isHistoryWished",
         pg_notify($2, CASE WHEN octet_length(notice) <= ${LONGEST_NOTICE_BYTES} THEN notice ELSE id END)::text AS notified
    FROM ended`;
