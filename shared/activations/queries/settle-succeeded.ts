import type pg from 'pg';
import { z } from 'zod';
import { historySteps, TELLING_KINDS } from '../../histories/steps.ts';
import { HOLDER_COLUMNS, WISH_STEPS, type WishValues } from '../../instances/webhook-wish.ts';
import type { PreviousInbox } from '../previous-inbox.ts';
import { ACTIVATION_SETTLED_CHANNEL } from '../settled-channel.ts';
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

const settledRow = z.object({
  /** Of what was replaced. */
  removalIds: z.array(z.string()),
  /** Whether an engine is to be told something; and whether an import of history is to begin, or to end. */
  isWished: z.boolean(),
  isHistoryWished: z.boolean(),
});
export type SettledSuccess = z.infer<typeof settledRow>;

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
 * Records an integration and that its activation has succeeded, in one statement: the claim is checked and the rows are locked first, in
 * the order in which an instance is deleted (the instance, then its activation: the other way round the two could wait for each other),
 * and every other step takes what it writes from there. Undefined where the claim is lost.
 */
export async function settleSucceeded(pool: pg.Pool, success: Success): Promise<SettledSuccess | undefined> {
  const { columns, text } = prepare(Object.keys(success.integration));
  const values = Object.values(success.integration);
  const row = Object.fromEntries(columns.map((column, index) => [column, values[index]]));
  const { rows } = await pool.query({
    name: 'settle_succeeded',
    text,
    values: [
      ...success.wish,
      ...[success.instanceId, success.activationId, success.attempt, success.ids.integration, JSON.stringify(row)],
      ...[success.bridgeIntegrationId, success.replaces ?? null, ...success.ids.removals],
      ...[success.previousInbox ? JSON.stringify(success.previousInbox) : null],
      ...[JSON.stringify(success.trace), JSON.stringify(success.entry), ACTIVATION_SETTLED_CHANNEL],
      ...[success.oldRelease, [...TELLING_KINDS]],
    ],
  });
  return rows[0] === undefined ? undefined : settledRow.parse(rows[0]);
}

/** `columns` are those of the table that the settings and the bridge's answer fill: always the same, for all calls. */
const statement = (columns: readonly string[]): string => `
  WITH held AS MATERIALIZED (
    SELECT ${HOLDER_COLUMNS}, c.bridge_integration_id AS replaced
      FROM instances i
      JOIN activations a ON a.instance_id = i.id
      LEFT JOIN chatwoot_integrations c ON c.instance_id = i.id
     WHERE i.id = $5 AND a.id = $6 AND a.attempt = $7 AND a.state = 'running'
       FOR KEY SHARE OF i FOR UPDATE OF a
  ), saved AS (
    INSERT INTO chatwoot_integrations AS before (id, instance_id, previous_inbox, updated_at, ${columns.join(', ')})
    SELECT $8, held.instance_id, $14::jsonb, now(), ${columns.map((column) => `fresh.${column}`).join(', ')}
      FROM held, jsonb_populate_record(NULL::chatwoot_integrations, $9::jsonb) AS fresh
    ON CONFLICT (instance_id) DO UPDATE SET updated_at = now(),
      -- One that an earlier move has left is still there.
      previous_inbox = coalesce(excluded.previous_inbox, before.previous_inbox),
      ${columns.map((column) => `${column} = excluded.${column}`).join(', ')}
    RETURNING instance_id
  ), ${WISH_STEPS}, ${historySteps({ fresh: '$9', integration: '$10', kinds: '$19' })}, removal AS (
    INSERT INTO removals (id, instance_id, instance_name, account_id, bridge_integration_id, reason)
    SELECT DISTINCT ON (gone.integration_id) gone.id, held.instance_id, held.name, held.account_id, gone.integration_id,
           'superseded'::removal_reason
      FROM held, LATERAL (VALUES ($12, held.replaced), ($13, $11)) AS gone (id, integration_id)
     WHERE gone.integration_id NOT IN ('', $10)
    RETURNING id
  ), ended AS (
    UPDATE activations a
       SET state = 'succeeded', bridge_integration_id = $10, chatwoot_token = NULL, finished_at = now(), error = NULL,
           previous_inbox = $14::jsonb, old_release = $18,
           trace = $15::jsonb || jsonb_build_array($16::jsonb || jsonb_build_object('storeMs',
             round(extract(epoch FROM clock_timestamp() - statement_timestamp()) * 1000)))
      FROM saved WHERE a.id = $6 AND a.instance_id = saved.instance_id
    RETURNING a.id
  )
  SELECT ARRAY(SELECT id FROM removal) AS "removalIds", EXISTS (SELECT FROM wished) OR EXISTS (SELECT FROM restored) AS "isWished",
         EXISTS (SELECT FROM history) OR EXISTS (SELECT FROM stopped) AS "isHistoryWished",
         pg_notify($17, ended.id)::text AS notified FROM ended`;
