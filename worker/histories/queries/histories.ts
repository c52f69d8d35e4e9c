import type pg from 'pg';
import { z } from 'zod';
import type { PrismaClient } from '../../../shared/database/database.ts';

const claimedRow = z.object({
  instanceId: z.string(),
  bridgeIntegrationId: z.string(),
  /** Whoever takes it later has a higher one: then nothing more can be written with this one. */
  claim: z.number(),
  state: z.enum(['reading', 'handing_over', 'stopping']),
  activatedAt: z.date(),
  since: z.date(),
  until: z.date(),
  cursor: z.string().nullable(),
  found: z.number(),
  handedOver: z.number(),
  attempts: z.number(),
  engineKind: z.string(),
  engineUrl: z.string().nullable(),
  engineToken: z.string().nullable(),
  engineSecret: z.string().nullable(),
  /** What the instance is called in the engine. */
  name: z.string(),
});
export type ClaimedHistory = z.infer<typeof claimedRow>;
type Claim = Pick<ClaimedHistory, 'instanceId' | 'claim'>;

/**
 * Takes imports that are due, for `claimMs`. Reading begins when the engine delivers to us: what is written later comes by itself, and so
 * nothing falls between the two. One that cannot be told is not waited for any longer than some minutes.
 */
export async function claimHistories(
  prisma: PrismaClient,
  { limit, claimMs }: { readonly limit: number; readonly claimMs: number },
): Promise<ClaimedHistory[]> {
  const rows = await prisma.$queryRaw`
    WITH due AS (
      SELECT h.instance_id FROM engine_histories h
       WHERE h.finished_at IS NULL AND h.next_attempt_at <= now() AND h.claimed_until <= now()
         AND (h.until IS NOT NULL OR h.state <> 'reading' OR h.activated_at < now() - interval '5 minutes' OR NOT EXISTS (
           SELECT FROM engine_webhooks w WHERE w.instance_id = h.instance_id AND w.wish = 'ours' AND w.done_at IS NULL))
       ORDER BY h.next_attempt_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
    )
    UPDATE engine_histories h SET claim = h.claim + 1, until = coalesce(h.until, now()),
           claimed_until = now() + make_interval(secs => ${claimMs / 1_000}::float8)
      FROM due JOIN instances i ON i.id = due.instance_id WHERE h.instance_id = due.instance_id
    RETURNING h.instance_id AS "instanceId", h.bridge_integration_id AS "bridgeIntegrationId", h.claim, h.state,
      h.activated_at AS "activatedAt", h.since, h.until, h.cursor, h.found, h.handed_over AS "handedOver", h.attempts,
      i.engine_kind AS "engineKind", i.engine_url AS "engineUrl", i.engine_token AS "engineToken",
      i.engine_secret AS "engineSecret", coalesce(i.engine_name, i.name) AS name`;
  return z.array(claimedRow).parse(rows);
}

export interface ReadMessage {
  readonly dedupeKey: string;
  readonly chat: string;
  /** JSON text. */
  readonly place: string;
  readonly sentAt: Date;
  readonly payload: string;
}

/**
 * Keeps a page of messages and where reading goes on, both or neither; `next` null: it has ended. What is known already is passed over.
 * Resolves with how many there are now; undefined where the claim is lost.
 */
export async function storePage(
  pool: pg.Pool,
  { instanceId, claim, engineKind }: Claim & Pick<ClaimedHistory, 'engineKind'>,
  page: {
    readonly messages: readonly ReadMessage[];
    readonly next: string | null;
    readonly isCut: boolean;
    readonly claimMs: number;
  },
): Promise<number | undefined> {
  const { messages, next, isCut, claimMs } = page;
  const { rows } = await pool.query(
    `WITH held AS MATERIALIZED (
       SELECT instance_id, found FROM engine_histories WHERE instance_id = $1 AND claim = $2 AND state = 'reading' FOR UPDATE
     ), kept AS (
       INSERT INTO engine_history_messages (instance_id, dedupe_key, chat, place, sent_at, payload, rank, engine_kind)
       SELECT held.instance_id, m.dedupe_key, m.chat, m.place, m.sent_at, m.payload, held.found + m.rank, $3
         FROM held, unnest($4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::text[])
              WITH ORDINALITY AS m (dedupe_key, chat, place, sent_at, payload, rank)
       ON CONFLICT DO NOTHING RETURNING 1
     )
     UPDATE engine_histories h SET found = h.found + (SELECT count(*) FROM kept), cursor = $9::text, is_cut = h.is_cut OR $10,
            state = CASE WHEN $9::text IS NULL THEN 'handing_over' ELSE h.state END, attempts = 0, last_error = '',
            next_attempt_at = now(), claimed_until = now() + make_interval(secs => $11::float8)
       FROM held WHERE h.instance_id = held.instance_id
     RETURNING h.found`,
    [
      ...[instanceId, claim, engineKind],
      ...[
        messages.map(({ dedupeKey }) => dedupeKey),
        messages.map(({ chat }) => chat),
        messages.map(({ place }) => place),
        messages.map(({ sentAt }) => sentAt.toISOString()),
        messages.map(({ payload }) => payload),
      ],
      ...[next, isCut, claimMs / 1_000],
    ],
  );
  return z.array(z.object({ found: z.number() })).parse(rows)[0]?.found;
}

/** It is tried again after `delayMs`; `isEnd`: no more is read, and what was read is handed over. */
export const postponeReading = (
  prisma: PrismaClient,
  { instanceId, claim }: Claim,
  { lastError, delayMs, isEnd }: { readonly lastError: string; readonly delayMs: number; readonly isEnd: boolean },
): Promise<number> => prisma.$executeRaw`
  UPDATE engine_histories SET attempts = attempts + 1, last_error = ${lastError.slice(0, 1_000)}, claimed_until = now(),
         state = CASE WHEN ${isEnd}::boolean THEN 'handing_over' ELSE state END,
         next_attempt_at = now() + make_interval(secs => ${delayMs / 1_000}::float8)
   WHERE instance_id = ${instanceId} AND claim = ${claim}`;

/** Gives it back, to be taken again after `delayMs`. */
export const giveBack = (
  prisma: PrismaClient,
  { instanceId, claim }: Claim,
  delayMs: number,
): Promise<number> => prisma.$executeRaw`
  UPDATE engine_histories SET claimed_until = now(), next_attempt_at = now() + make_interval(secs => ${delayMs / 1_000}::float8)
   WHERE instance_id = ${instanceId} AND claim = ${claim}`;

/** It ends as this, or where none is told as `done`, and as `failed` where it could not be read to its end. */
export async function finishHistory(
  prisma: PrismaClient,
  { instanceId, claim }: Claim,
  end: { readonly state: 'unsupported' | 'unable' | 'stopped'; readonly lastError: string } | undefined,
): Promise<void> {
  const state = end?.state ?? null;
  const lastError = end?.lastError.slice(0, 1_000) ?? null;
  await prisma.$executeRaw`
    WITH ended AS (
      UPDATE engine_histories SET finished_at = now(), cursor = NULL, last_error = coalesce(${lastError}, last_error),
             state = coalesce(${state}, CASE WHEN last_error = '' THEN 'done' ELSE 'failed' END)
       WHERE instance_id = ${instanceId} AND claim = ${claim} RETURNING instance_id
    )
    DELETE FROM engine_history_messages WHERE instance_id IN (SELECT instance_id FROM ended)`;
}
