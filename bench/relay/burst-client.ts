// The WhatsApp engine of a burst, in a process of its own: what it costs is not to be taken for what Ponte or the simulated Chatwoot costs.
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import { envelope, exchangeData } from '../../simulators/whatsapp-engine/events.ts';
import { incomingMessage } from '../../simulators/whatsapp-engine/message-log.ts';
import { defaultSettings } from '../../simulators/whatsapp-engine/rows.ts';

const orderSchema = z.object({
  api: z.string(),
  members: z.array(z.object({ name: z.string(), token: z.string(), chats: z.array(z.string()) })),
  count: z.number(),
  inFlight: z.number(),
  /** How many a second begin at most; null for as many as are taken. */
  perSecond: z.number().nullable(),
});
export type BurstOrder = z.infer<typeof orderSchema>;
/** What was delivered, each with the moment at which it left, by `Date.now()`. */
export const burstAnswerSchema = z.object({
  seconds: z.number(),
  /** How often a delivery was refused for a while, and delivered again. */
  again: z.number(),
  sent: z.array(z.object({ id: z.string(), chat: z.string(), atMs: z.number() })),
});
export type BurstAnswer = z.infer<typeof burstAnswerSchema>;

const RETRY_MS = 250;
const NUMBER = '5511999990000';

async function send({ api, members, count, inFlight, perSecond }: BurstOrder): Promise<BurstAnswer> {
  const sent: BurstAnswer['sent'] = [];
  const from = performance.now();
  let next = 0;
  let again = 0;
  async function one(index: number): Promise<void> {
    const member = members[index % members.length];
    const chat = member?.chats[Math.floor(index / members.length) % member.chats.length];
    if (member === undefined || chat === undefined) throw new Error('nobody has this chat');
    const { name, token } = member;
    const instance = {
      name,
      token,
      ingestUrl: null,
      number: NUMBER,
      displayName: name,
      connected: true,
      settings: defaultSettings,
    };
    const content = { type: 'text' as const, text: `message ${index} to ${name}` };
    const message = incomingMessage(instance, { from: { phone: chat, name: `Customer ${chat.slice(-3)}` }, content });
    sent.push({ id: message.id, chat, atMs: Date.now() });
    const body = envelope(instance, 'message.exchange', exchangeData(instance, message, api), api);
    const headers = { 'content-type': 'application/json', token };
    for (;;) {
      const response = await fetch(`${api}/api/events/ingest/${name}`, { method: 'POST', headers, body });
      const text = await response.text();
      if (response.status === 200) return;
      // As engines do; what cannot be said now is said again.
      if (response.status !== 503) throw new Error(`a delivery was answered ${response.status}: ${text}`);
      again += 1;
      await delay(RETRY_MS);
    }
  }
  const lane = async (): Promise<void> => {
    for (let index = next++; index < count; index = next++) {
      if (perSecond !== null) await delay(Math.max(0, (index / perSecond) * 1_000 - (performance.now() - from)));
      await one(index);
    }
  };
  await Promise.all(Array.from({ length: inFlight }, lane));
  return { seconds: (performance.now() - from) / 1_000, again, sent };
}

process.on('message', async (order) => {
  process.send?.(await send(orderSchema.parse(order)));
});
process.on('disconnect', () => process.exit());
