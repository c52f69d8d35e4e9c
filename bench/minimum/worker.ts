// The useful minimum of an activation, its back: the claim, the call of the bridge, one statement for all that came of it.
import { Worker } from 'bullmq';
import pg from 'pg';
import { z } from 'zod';
import { CHANNEL, decrypt, QUEUE } from './shared.ts';

const claimedRow = z.tuple([
  z.object({ instance: z.string(), settings: z.record(z.string(), z.unknown()), secret: z.string(), attempt: z.number() }),
]);
const answerSchema = z.object({ id: z.string(), inbox_id: z.number(), inbox_name: z.string() });

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });

new Worker<{ id: string }>(
  QUEUE,
  async ({ data: { id } }) => {
    const claim = await pool.query({
      name: 'claim',
      text: `UPDATE minimum.activations SET state = 'running', attempt = attempt + 1 WHERE id = $1 AND state = 'pending'
        RETURNING instance, settings, secret, attempt`,
      values: [id],
    });
    const [{ instance, settings, secret, attempt }] = claimedRow.parse(claim.rows);
    const response = await fetch(`${process.env.BRIDGE_URL}/v1/integrations/activate`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'idempotency-key': id },
      body: JSON.stringify({ instance, ...settings, chatwootApiToken: decrypt(secret) }),
      signal: AbortSignal.timeout(30_000),
    });
    const answer = answerSchema.parse(await response.json());
    await pool.query({
      name: 'settle',
      text: `WITH settled AS (
          UPDATE minimum.activations SET state = 'succeeded', outcome = $4 WHERE id = $1 AND attempt = $2 RETURNING id
        ), stored AS (
          INSERT INTO minimum.integrations (instance, bridge_id, secret) SELECT $3, $5, $6 FROM settled
          ON CONFLICT (instance) DO UPDATE SET bridge_id = EXCLUDED.bridge_id, secret = EXCLUDED.secret
        )
        SELECT pg_notify('${CHANNEL}', id) FROM settled`,
      values: [id, attempt, instance, JSON.stringify({ bridge_integration_id: answer.id }), answer.id, secret],
    });
  },
  { connection: { url: process.env.REDIS_URL ?? '' }, concurrency: Number(process.env.WORKER_CONCURRENCY) },
).once('ready', () => console.log('ready'));
