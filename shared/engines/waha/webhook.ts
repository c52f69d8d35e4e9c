import { z } from 'zod';
import { DELIVERY_PATH } from '../delivery-key.ts';
import type { EngineCall, EngineFailure, EngineWebhook, WebhookDone } from '../engine.ts';
import { type Fields, fieldsOf, labelOf, listOf } from '../fields.ts';
import { callWaha, type WahaAnswer } from './request.ts';
import { readSession, sessionPath, warningsOf } from './session.ts';

/** `message` would bring every incoming one a second time. */
const EVENTS = [
  'message.any',
  'message.reaction',
  'message.edited',
  'message.revoked',
  'message.ack',
  'message.ack.group',
  'poll.vote',
  'session.status',
] as const;
/** Not in every version and engine. */
const MORE_EVENTS = ['message.waiting', 'poll.vote.failed', 'call.received', 'group.v2.join', 'group.v2.update'] as const;

/** By its own choice WAHA gives an event up after half a minute; with these pauses after most of a day. */
const RETRIES = { policy: 'exponential', delaySeconds: 2, attempts: 15 } as const;

const previousSchema = z.looseObject({ urls: z.array(z.string()) });

/**
 * A session may have several webhooks: ours is added to them, and taken away at the end. WAHA takes its configuration whole or not at all,
 * and the session restarts for some seconds, so nothing is written that stands there already.
 */
export const webhook: EngineWebhook = {
  async read(call) {
    const answer = await readSession(call);
    if (!answer.ok) return { kind: 'failed', error: answer.error };
    const urls = hooksOf(answer.session).map(urlOf);
    return {
      kind: 'webhook',
      // Addresses only: keys and headers of other webhooks stay where they are.
      previous: urls.length === 0 ? undefined : { urls },
      // All the others go on hearing what they hear: only a Ponte stands where we do.
      address: urls.find((url) => url.includes(DELIVERY_PATH)),
      warnings: await warningsOf(call),
    };
  },

  async set(call) {
    const answer = await readSession(call);
    if (!answer.ok) return { kind: 'failed', error: answer.error };
    const { session } = answer;
    const { address, secret } = call;
    const hooks = hooksOf(session);
    const ours = hooks.find((hook) => urlOf(hook) === address);
    if (ours !== undefined && isAsWanted(ours, secret)) return { kind: 'done' };
    // An earlier address of this Ponte opens nothing any more.
    const door = `${address.slice(0, address.lastIndexOf('/') + 1)}`;
    const others = hooks.filter((hook) => !urlOf(hook).startsWith(door));
    const hookWith = (events: readonly string[]) => ({ url: address, events, hmac: { key: secret }, retries: RETRIES });
    const put = (events: readonly string[]) => write(call, session, [...others, hookWith(events)]);
    const written = await put([...EVENTS, ...MORE_EVENTS]);
    // One event that a version does not know, and it takes none.
    const isEventUnknown = !written.ok && (written.status === 400 || written.status === 422) && /event/i.test(written.text ?? '');
    return doneOf(isEventUnknown ? await put(EVENTS) : written);
  },

  async restore({ previous, ...call }) {
    const answer = await readSession(call);
    if (!answer.ok) return { kind: 'failed', error: answer.error };
    const before = previousSchema.safeParse(previous).data?.urls ?? [];
    const hooks = hooksOf(answer.session);
    const kept = hooks.filter((hook) => before.includes(urlOf(hook)) || !urlOf(hook).includes(DELIVERY_PATH));
    return kept.length === hooks.length ? { kind: 'done' } : doneOf(await write(call, answer.session, kept));
  },
};

const hooksOf = (session: Fields): readonly Fields[] => listOf(fieldsOf(session.config).webhooks);
const urlOf = (hook: Fields): string => labelOf(hook, 'url');

function isAsWanted(hook: Fields, secret: string): boolean {
  const events = Array.isArray(hook.events) ? hook.events : [];
  return EVENTS.every((event) => events.includes(event)) && labelOf(fieldsOf(hook.hmac), 'key') === secret;
}

/** Everything else is written back as it was; `apps` is left out, because an empty list deletes them. */
function write(call: EngineCall, session: Fields, webhooks: readonly Fields[]): Promise<WahaAnswer> {
  const config = fieldsOf(session.config);
  const engine = (labelOf(fieldsOf(session.engine), 'engine') || labelOf(session, 'engine')).toUpperCase();
  // WEBJS tells no receipts without it.
  const webjs = engine === 'WEBJS' ? { webjs: { ...fieldsOf(config.webjs), tagsEventsOn: true } } : {};
  const json = { config: { ...config, ...webjs, webhooks } };
  return callWaha(call, { method: 'PUT', path: sessionPath(call.instance), json, isHarmless: true });
}

const doneOf = (answer: WahaAnswer): WebhookDone | EngineFailure =>
  answer.ok ? { kind: 'done' } : { kind: 'failed', error: answer.error };
