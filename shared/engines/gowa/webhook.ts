import { z } from 'zod';
import { DELIVERY_PATH } from '../delivery-key.ts';
import type { EngineCall, EngineFailure, EngineWebhook, WebhookDone } from '../engine.ts';
import { refused } from '../engine-errors.ts';
import { type Fields, isTrue, labelOf } from '../fields.ts';
import { devicePath } from './device.ts';
import { callGowa, type GowaAnswer } from './request.ts';

const EVENTS = 'message,message.reaction,message.edited,message.revoked,message.ack,call.offer';

const previousSchema = z.object({
  webhook_url: z.string(),
  webhook_secret: z.string(),
  webhook_events: z.string(),
  webhook_insecure_skip_verify: z.boolean(),
});

/** `/devices/:id/webhook`, which takes the place of the webhook of the whole process. There is none before version 8. */
export const webhook: EngineWebhook = {
  async read(call) {
    const answer = await ask(call, { method: 'GET' });
    if (!answer.ok) return { kind: 'failed', error: answer.error };
    const url = labelOf(answer.results, 'webhook_url');
    // Ours from earlier on is nothing that could be given back.
    const previous = url === '' || url.includes(DELIVERY_PATH) ? undefined : previousOf(answer.results, url);
    return { kind: 'webhook', previous, address: url === '' ? undefined : url, warnings: [] };
  },

  async set({ address, secret, ...call }) {
    const json = { webhook_url: address, webhook_secret: secret, webhook_events: EVENTS, webhook_insecure_skip_verify: false };
    return doneOf(await ask(call, { method: 'PATCH', json }));
  },

  async restore({ previous, ...call }) {
    const before = previousSchema.safeParse(previous).data ?? {
      webhook_url: '',
      webhook_secret: '',
      webhook_events: '',
      webhook_insecure_skip_verify: false,
    };
    return doneOf(await ask(call, { method: 'PATCH', json: before }));
  },
};

const previousOf = (results: Fields, url: string): z.infer<typeof previousSchema> => ({
  webhook_url: url,
  webhook_secret: labelOf(results, 'webhook_secret'),
  webhook_events: labelOf(results, 'webhook_events'),
  webhook_insecure_skip_verify: isTrue(results, 'webhook_insecure_skip_verify'),
});

async function ask(call: EngineCall, asked: { method: 'GET' | 'PATCH'; json?: unknown }): Promise<GowaAnswer> {
  const answer = await callGowa(call, { ...asked, path: `${devicePath(call.instance)}/webhook`, isHarmless: true });
  const isTooOld = !answer.ok && answer.status === 404 && !/device/i.test(answer.error.message);
  if (!isTooOld) return answer;
  const detail = 'this GOWA has no webhook of a device — update it to version 8 or later, or set WHATSAPP_WEBHOOK by hand';
  return { ok: false, error: refused(detail, call.access), status: 404 };
}

const doneOf = (answer: GowaAnswer): WebhookDone | EngineFailure =>
  answer.ok ? { kind: 'done' } : { kind: 'failed', error: answer.error };
