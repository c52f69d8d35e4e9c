import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { SentMessage, SimulatedInstance } from '../engine-simulator.ts';
import { Refusal } from './refusal.ts';

export type WahaEngine = 'NOWEB' | 'GOWS' | 'WEBJS';
export type Status = 'STOPPED' | 'STARTING' | 'SCAN_QR_CODE' | 'WORKING' | 'FAILED';

export const eventNames = [
  'message',
  'message.any',
  'message.reaction',
  'message.edited',
  'message.revoked',
  'message.ack',
  'message.ack.group',
  'message.waiting',
  'poll.vote',
  'poll.vote.failed',
  'call.received',
  'call.accepted',
  'call.rejected',
  'group.v2.join',
  'group.v2.leave',
  'group.v2.update',
  'group.v2.participants',
  'presence.update',
  'chat.archive',
  'session.status',
  'engine.event',
] as const;
export type EventName = (typeof eventNames)[number];
const isEventName = (name: string): name is EventName => eventNames.some((known) => known === name);

const hookSchema = z.object({
  url: z.string(),
  events: z.array(z.string()),
  hmac: z.object({ key: z.string() }).nullish(),
  retries: z
    .object({
      policy: z.enum(['linear', 'exponential', 'constant']).default('constant'),
      delaySeconds: z.number().default(2),
      attempts: z.number().default(15),
    })
    .nullish(),
  customHeaders: z.array(z.object({ name: z.string(), value: z.string() })).nullish(),
});
export type Hook = z.output<typeof hookSchema>;

/** What is known is kept, the rest dropped. */
const configSchema = z.object({
  webhooks: z.array(hookSchema).default([]),
  metadata: z.record(z.string(), z.unknown()).optional(),
  ignore: z.record(z.string(), z.unknown()).optional(),
  noweb: z.record(z.string(), z.unknown()).optional(),
  webjs: z.record(z.string(), z.unknown()).optional(),
  proxy: z.unknown().optional(),
});
export type Config = z.output<typeof configSchema>;

export interface StoredMessage {
  /** Full name, as this engine gives it. */
  readonly name: string;
  readonly id: string;
  readonly chat: string;
  readonly isOurs: boolean;
  readonly file: StoredFile | undefined;
  /** As the event had it. */
  readonly payload: Record<string, unknown>;
}

export interface StoredFile {
  readonly bytes: Buffer;
  readonly mimeType: string;
  readonly fileName: string;
  /** Part of its path, while it is there. */
  path: string;
  untilMs: number;
}

export interface Session extends SimulatedInstance {
  status: Status;
  /** What a start leads to: a phone that was paired stays so over a stop. */
  startsAs: Status;
  /** What WhatsApp keeps while the session is away. */
  readonly held: (() => void)[];
  readonly statuses: { status: Status; timestamp: number }[];
  config: Config;
  apps: { id: string; session?: string; app: string; enabled: boolean; config: Record<string, unknown> }[];
  readonly sent: SentMessage[];
  readonly messages: Map<string, StoredMessage>;
  /** Ids that were sent by API, by which `source` is guessed: forgotten at each restart. */
  readonly sentByApi: Set<string>;
}

/** The sessions of one server. */
export function createWorld(engine: WahaEngine) {
  const sessions = new Map<string, Session>();
  return {
    engine,
    sessions,
    add(values: { name: string; token: string; number?: string; connected?: boolean }): Session {
      const before = sessions.get(values.name);
      const status: Status = (values.connected ?? true) ? 'WORKING' : 'SCAN_QR_CODE';
      const session: Session = {
        config: { webhooks: [] },
        apps: [],
        sent: [],
        messages: new Map(),
        sentByApi: new Set(),
        statuses: [],
        startsAs: 'SCAN_QR_CODE',
        held: [],
        ...before,
        name: values.name,
        token: values.token,
        number: values.number ?? before?.number ?? '5511999990000',
        status,
      };
      sessions.set(session.name, session);
      return session;
    },
    named(name: string): Session {
      const session = sessions.get(name);
      if (!session) throw new Refusal(404, 'Session not found');
      return session;
    },
  };
}
export type World = ReturnType<typeof createWorld>;

/** A configuration as it is kept. Throws a Refusal that lists the events there are. */
export function readConfig(body: unknown): Config {
  const config = configSchema.parse((body as { config?: unknown } | undefined)?.config ?? {});
  if (config.webhooks.some(({ events }) => events.some((event) => !isEventName(event) && event !== '*'))) {
    throw new Refusal(
      400,
      `config.webhooks.0.each value in events must be one of the following values: ${eventNames.join(', ')}`,
      {
        error: 'Bad Request',
      },
    );
  }
  return config;
}

export const newApiId = (): string => `3EB0${randomBytes(9).toString('hex').toUpperCase()}`;
export const newPhoneId = (): string => `3A${randomBytes(9).toString('hex').toUpperCase()}`;
