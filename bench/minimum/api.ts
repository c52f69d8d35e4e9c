// The useful minimum of an activation, its front: who calls (remembered), the body, the secret, a row, a job, the outcome of the row.
import { randomUUID } from 'node:crypto';
import { Queue } from 'bullmq';
import express from 'express';
import pg from 'pg';
import { z } from 'zod';
import { CHANNEL, encrypt, QUEUE } from './shared.ts';

const bodySchema = z.object({
  chatwootBaseUrl: z.url(),
  chatwootAccountId: z.number().int().positive(),
  chatwootApiToken: z.string().min(1),
});
const outcomeRow = z.tuple([z.object({ outcome: z.object({ bridge_integration_id: z.string() }) })]);

const connectionString = process.env.DATABASE_URL;
const pool = new pg.Pool({ connectionString, max: 10 });
const listener = new pg.Client({ connectionString });
const queue = new Queue(QUEUE, { connection: { url: process.env.REDIS_URL ?? '' } });
const waiting = new Map<string, () => void>();
const known = new Set<string>();

async function isKnown(token: string): Promise<boolean> {
  if (known.has(token)) return true;
  const { rowCount } = await pool.query('SELECT FROM minimum.accounts WHERE token = $1', [token]);
  if (rowCount === 1) known.add(token);
  return rowCount === 1;
}

const app = express();
app.get('/healthz', (_request, response) => void response.json({ ok: true }));
app.post('/api/chatwoot/set/:instance', express.json(), async (request, response) => {
  const { instance } = request.params;
  if (!(await isKnown(request.get('token') ?? ''))) return void response.status(401).json({ success: false });
  const { chatwootApiToken, ...settings } = bodySchema.parse(request.body);
  const id = randomUUID();
  await pool.query({
    name: 'insert',
    text: 'INSERT INTO minimum.activations (id, instance, settings, secret) VALUES ($1, $2, $3, $4)',
    values: [id, instance, JSON.stringify(settings), encrypt(chatwootApiToken)],
  });
  const settled = new Promise<void>((resolve) => waiting.set(id, resolve));
  await queue.add('activate', { id }, { jobId: id, removeOnComplete: { age: 60, count: 5_000 } });
  await settled;
  const read = { name: 'read', text: 'SELECT outcome FROM minimum.activations WHERE id = $1', values: [id] };
  const [{ outcome }] = outcomeRow.parse((await pool.query(read)).rows);
  response.status(201).json({ instance, status: 'active', ...outcome, message: 'chatwoot integration activated' });
});

await listener.connect();
listener.on('notification', ({ payload = '' }) => {
  waiting.get(payload)?.();
  waiting.delete(payload);
});
await listener.query(`LISTEN ${CHANNEL}`);
app.listen(Number(process.env.PORT), '127.0.0.1');
