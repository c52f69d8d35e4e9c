// The useful minimum of a message's way, its front: whose it is (remembered), the body, a row, the stream, and that it has arrived.
import { createServer } from 'node:http';
import express from 'express';
import pg from 'pg';
import { WebSocketServer } from 'ws';
import { z } from 'zod';
import { createGathering } from '../../shared/gathering.ts';
import { ackFrame } from './relay-shared.ts';

const TOGETHER = { width: 2, most: 200, silentMs: 1_000 };
const deliverySchema = z.object({ event: z.string(), data: z.record(z.string(), z.unknown()) });
const sequenceRow = z.object({ sequence: z.coerce.number() });

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const known = new Set<string>();
const app = express();
const server = createServer(app);
const streams = new WebSocketServer({ server });

async function isKnown(instance: string, token: string): Promise<boolean> {
  const key = `${instance} ${token}`;
  if (known.has(key)) return true;
  const { rowCount } = await pool.query('SELECT FROM minimum.instances WHERE name = $1 AND token = $2', [instance, token]);
  if (rowCount === 1) known.add(key);
  return rowCount === 1;
}

const store = createGathering<{ instance: string; payload: string }, number>({
  ...TOGETHER,
  ask: async (events) => {
    const { rows } = await pool.query({
      name: 'store',
      text: 'INSERT INTO minimum.events (instance, payload) SELECT * FROM unnest($1::text[], $2::text[]) RETURNING sequence',
      values: [events.map(({ instance }) => instance), events.map(({ payload }) => payload)],
    });
    return z
      .array(sequenceRow)
      .parse(rows)
      .map(({ sequence }) => sequence);
  },
});
const acknowledge = createGathering<number, void>({
  ...TOGETHER,
  ask: async (sequences) => {
    const text = 'UPDATE minimum.events SET acked_at = now() WHERE sequence = ANY ((SELECT $1::bigint[])::bigint[])';
    await pool.query({ name: 'acknowledge', text, values: [sequences] });
    return [];
  },
});

app.get('/healthz', (_request, response) => void response.json({ ok: true }));
app.post('/api/events/ingest/:instance', express.json(), async (request, response) => {
  const { instance } = request.params;
  if (!(await isKnown(instance, request.get('token') ?? ''))) return void response.status(401).json({ success: false });
  const { event, data } = deliverySchema.parse(request.body);
  const payload = JSON.stringify({ event, data });
  const sequence = await store({ instance, payload });
  for (const stream of streams.clients) stream.send(`{"sequence":${sequence},"event":${payload}}`);
  response.json({ success: true });
});
streams.on('connection', (stream) => {
  stream.on('message', (text) => void acknowledge(ackFrame.parse(JSON.parse(String(text))).sequence));
});
server.listen(Number(process.env.PORT), '127.0.0.1');
