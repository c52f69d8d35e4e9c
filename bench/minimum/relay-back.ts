// The useful minimum of a message's way, its back: the stream, reading the message, a row before the request and after it, the request, and
// Chatwoot's webhook of it. In order within each chat.
import { createServer } from 'node:http';
import express from 'express';
import pg from 'pg';
import { WebSocket } from 'ws';
import { z } from 'zod';
import type { MessageEvent } from '../../shared/engines/event.ts';
import { engineOf } from '../../shared/engines/registry.ts';
import { createFairTurns } from '../../shared/fair-turns.ts';
import { createGathering } from '../../shared/gathering.ts';
import { eventFrame } from './relay-shared.ts';

const TOGETHER = { width: 2, most: 200, silentMs: 1_000 };
/** On their way at a time, as in a bridge of Ponte. */
const TURNS = { width: 32, silentMs: 10_000 };
const POSTING_TIMEOUT_MS = 30_000;
const chatRows = z.array(z.object({ number: z.string(), conversation: z.number() }));
const answerSchema = z.object({ id: z.number() });
const webhookSchema = z.object({ event: z.string(), source_id: z.string().nullish() });

const { CHATWOOT_URL, CHATWOOT_TOKEN = '', ACCOUNT, FRONT_URL = '' } = process.env;
const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 10 });
const conversations = new Map<string, number>();

const begin = createGathering<{ id: string; conversation: number }, void>({
  ...TOGETHER,
  ask: async (messages) => {
    await pool.query({
      name: 'begin',
      text: `INSERT INTO minimum.postings (id, conversation) SELECT * FROM unnest($1::text[], $2::int[]) ON CONFLICT DO NOTHING`,
      values: [messages.map(({ id }) => id), messages.map(({ conversation }) => conversation)],
    });
    return [];
  },
});
const end = createGathering<{ id: string; message: number }, void>({
  ...TOGETHER,
  ask: async (posted) => {
    await pool.query({
      name: 'end',
      text: `UPDATE minimum.postings p SET message = told.message
        FROM unnest((SELECT $1::text[]), (SELECT $2::int[])) AS told (id, message) WHERE p.id = told.id`,
      values: [posted.map(({ id }) => id), posted.map(({ message }) => message)],
    });
    return [];
  },
});

async function deliver({ id, chat, body }: MessageEvent): Promise<void> {
  if (body.type !== 'text') throw new Error(`a message of the type ${body.type}`);
  const conversation = conversations.get(chat.address) ?? 0;
  await begin({ id, conversation });
  const response = await fetch(`${CHATWOOT_URL}/api/v1/accounts/${ACCOUNT}/conversations/${conversation}/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'api-access-token': CHATWOOT_TOKEN },
    body: JSON.stringify({ content: body.text, message_type: 'incoming', source_id: `WAID:${id}` }),
    signal: AbortSignal.timeout(POSTING_TIMEOUT_MS),
  });
  const answer: unknown = await response.json();
  if (!response.ok) throw new Error(`Chatwoot answered ${response.status}: ${JSON.stringify(answer)}`);
  await end({ id, message: answerSchema.parse(answer).id });
}

const { rows } = await pool.query('SELECT number, conversation FROM minimum.chats');
for (const { number, conversation } of chatRows.parse(rows)) conversations.set(number, conversation);

const stream = new WebSocket(FRONT_URL.replace('http', 'ws'));
const inTurn = createFairTurns(TURNS);
const chats = new Map<string, Promise<void>>();
stream.on('message', (text) => {
  const { sequence, event } = eventFrame.parse(JSON.parse(String(text)));
  const parsed = engineOf('ryzeapi').readEvent(event);
  if (!parsed.ok || parsed.event.kind !== 'message') throw new Error('an event that is no message');
  const message = parsed.event;
  const { address } = message.chat;
  const before = chats.get(address) ?? Promise.resolve();
  const delivered = before.then(() => inTurn(address, () => deliver(message)));
  chats.set(address, delivered);
  void delivered.then(() => stream.send(JSON.stringify({ sequence })));
});

const app = express();
app.get('/healthz', (_request, response) => void response.json({ ok: true }));
app.post('/webhooks/:key', express.json({ limit: '1mb' }), (request, response) => {
  webhookSchema.parse(request.body);
  response.json({ ok: true });
});
stream.on('open', () => createServer(app).listen(Number(process.env.PORT), '127.0.0.1'));
