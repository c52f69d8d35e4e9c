import { createHmac, randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import type { Content } from '../../whatsapp-engine/content.ts';
import type { Deliveries } from '../deliveries.ts';
import type { OwnChatwoot } from './own-chatwoot.ts';
import { chatOf, fileOf, messagePayload, nameOf, type Talk } from './payloads.ts';
import type { EventName, Hook, Session, Status, StoredMessage, World } from './world.ts';

export interface HappeningOptions {
  /** What a second is, for the pauses between tries. */
  readonly secondMs: number;
  /** How long a file is kept. */
  readonly fileLifeMs: number;
  /** How much later a message with a file is told: it is downloaded first. */
  readonly fileDelayMs: number;
  readonly doubles: boolean;
}

/** What happens on WhatsApp, and is told to every webhook that asked for it. */
export function createHappenings(deps: { world: World; deliveries: Deliveries; own: OwnChatwoot; options: HappeningOptions }) {
  const { world, deliveries, own, options } = deps;
  const isWebjs = world.engine === 'WEBJS';
  let collecting = 0;
  const acks = new Set<string>();

  function emit(session: Session, events: readonly EventName[], payload: Record<string, unknown>): void {
    // One id for `message` and `message.any`, and for every webhook.
    const id = `evt_${randomBytes(13).toString('hex')}`;
    for (const event of events) {
      const body = JSON.stringify({
        id,
        timestamp: Date.now(),
        event,
        session: session.name,
        metadata: session.config.metadata ?? {},
        me: { id: `${session.number}@c.us`, pushName: session.name },
        payload,
        engine: world.engine,
        environment: { version: '2026.2.1', engine: world.engine, tier: 'CORE', browser: null },
      });
      for (const hook of session.config.webhooks) {
        if (!hook.events.includes(event) && !hook.events.includes('*')) continue;
        deliver(hook, body);
        if (options.doubles) deliver(hook, body);
      }
    }
  }

  function deliver(hook: Hook, body: string): void {
    const headers: Record<string, string> = {
      'x-webhook-request-id': randomBytes(13).toString('hex'),
      'x-webhook-timestamp': String(Date.now()),
      'user-agent': 'WAHA/2026.2.1',
    };
    if (hook.hmac?.key) {
      headers['x-webhook-hmac'] = createHmac('sha512', hook.hmac.key).update(body).digest('hex');
      headers['x-webhook-hmac-algorithm'] = 'sha512';
    }
    for (const { name, value } of hook.customHeaders ?? []) headers[name.toLowerCase()] = value;
    deliveries.send({ url: hook.url, body, headers, retries: retriesOf(hook, options.secondMs) });
  }

  function keep(session: Session, talk: Talk, content: Content): StoredMessage {
    const described = fileOf(content);
    const file =
      described === undefined
        ? undefined
        : { ...described, path: `${talk.id}.${extensionOf(described.mimeType)}`, untilMs: Date.now() + options.fileLifeMs };
    const name = nameOf(session, talk);
    const payload = messagePayload(session, world.engine, talk, content, file);
    const stored = { name, id: talk.id, chat: chatOf(talk), isOurs: talk.isOurs, file, payload };
    session.messages.set(talk.id, stored);
    return stored;
  }

  async function tellMessage(session: Session, { payload, file, isOurs }: StoredMessage): Promise<void> {
    collecting += 1;
    if (file !== undefined) await delay(options.fileDelayMs);
    collecting -= 1;
    emit(session, isOurs ? ['message.any'] : ['message', 'message.any'], payload);
  }

  return {
    emit,
    /** Tells of a message, a reaction, an edit or a deletion; of what WhatsApp had to keep, when the session is back. */
    happen(session: Session, talk: Talk, content: Content): void {
      if (session.status === 'STOPPED' || session.status === 'STARTING') {
        return void session.held.push(() => this.happen(session, talk, content));
      }
      own.heard(session, talk, content);
      const common = { timestamp: talk.atMs / 1_000, from: chatOf(talk), fromMe: talk.isOurs };
      const about = (id: string, isOurs: boolean): string => session.messages.get(id)?.name ?? `${isOurs}_${chatOf(talk)}_${id}`;
      const payload = messagePayload(session, world.engine, talk, content, undefined);
      switch (content.type) {
        case 'reaction':
          // Without `_data`: of a lid nobody learns the number here.
          emit(session, ['message.reaction'], {
            ...common,
            id: nameOf(session, talk),
            participant: payload.participant ?? null,
            to: null,
            reaction: { text: content.emoji, messageId: about(content.messageId, true) },
          });
          break;
        case 'edit':
          emit(session, ['message.edited'], {
            ...payload,
            ...(isWebjs ? { id: about(content.messageId, talk.isOurs) } : { editedMessageId: content.messageId }),
            body: content.text,
          });
          break;
        case 'message_revoke':
          emit(session, ['message.revoked'], {
            after: isWebjs ? { ...payload, _data: { protocolMessageKey: { id: content.messageId } } } : payload,
            before: null,
            ...(isWebjs ? {} : { revokedMessageId: content.messageId }),
          });
          break;
        default:
          void tellMessage(session, keep(session, talk, content));
      }
    },
    ack(session: Session, id: string, ack: number): void {
      const message = session.messages.get(id);
      const isGroup = message?.chat.endsWith('@g.us') ?? false;
      // whatsmeow tells of no receipts in groups.
      if (message === undefined || (isGroup && world.engine === 'GOWS')) return;
      const key = `${session.name}:${id}:${ack}`;
      if (acks.has(key)) return;
      acks.add(key);
      const name = `true_${message.chat}_${id}`;
      emit(session, [isGroup ? 'message.ack.group' : 'message.ack'], {
        id: name,
        from: message.chat,
        participant: isGroup ? '5511900000088@c.us' : null,
        fromMe: true,
        ack,
        ackName: ACK_NAMES[ack + 1] ?? 'ERROR',
      });
    },
    setStatus(session: Session, status: Status): void {
      if (session.status === status) return;
      session.status = status;
      session.statuses.push({ status, timestamp: Date.now() });
      emit(session, ['session.status'], { name: session.name, status, statuses: session.statuses.slice(-3) });
      if (status === 'WORKING') for (const happen of session.held.splice(0)) happen();
    },
    /** Messages whose files are still being downloaded, and those that WhatsApp keeps. */
    collecting: () => [...world.sessions.values()].reduce((sum, { held }) => sum + held.length, collecting),
  };
}
export type Happenings = ReturnType<typeof createHappenings>;

const ACK_NAMES = ['ERROR', 'PENDING', 'SERVER', 'DEVICE', 'READ', 'PLAYED'];

/** The type’s own name; of ogg WAHA makes `oga`. */
const extensionOf = (mimeType: string): string => {
  const type = mimeType.split(';', 1)[0]?.split('/')[1] ?? 'bin';
  return type === 'ogg' ? 'oga' : type;
};

function retriesOf({ retries }: Hook, secondMs: number) {
  const { policy = 'constant', delaySeconds = 2, attempts = 15 } = retries ?? {};
  const pauses = Array.from({ length: attempts }, (_none, index) => {
    const factor = policy === 'exponential' ? 2 ** index : policy === 'linear' ? index + 1 : 1;
    return delaySeconds * factor * secondMs;
  });
  return { delaysMs: pauses, maxAttempts: attempts + 1 };
}
