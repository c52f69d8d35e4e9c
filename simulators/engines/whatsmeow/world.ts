import { randomBytes } from 'node:crypto';
import type { SentMessage, SimulatedInstance } from '../engine-simulator.ts';

export type Flavour = 'wuzapi' | 'evolution-go';

export interface StoredFile {
  readonly bytes: Buffer;
  readonly mimeType: string;
  readonly fileName: string;
}

export interface StoredMessage {
  readonly chat: string;
  readonly isOurs: boolean;
}

/** A user of wuzapi, an instance of evolution-go. */
export interface Session extends SimulatedInstance {
  isConnected: boolean;
  isLoggedIn: boolean;
  webhook: string;
  events: readonly string[];
  hmacKey: string;
  readonly sent: SentMessage[];
  readonly messages: Map<string, StoredMessage>;
  /** What WhatsApp keeps encrypted, by the key that opens it. */
  readonly files: Map<string, StoredFile>;
}

export class Refusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

export function createWorld() {
  const sessions = new Map<string, Session>();
  return {
    add(values: { name: string; token: string; number?: string; connected?: boolean }): Session {
      const before = sessions.get(values.name);
      const isOn = values.connected ?? true;
      const session: Session = {
        webhook: '',
        events: [],
        hmacKey: '',
        sent: [],
        messages: new Map(),
        files: new Map(),
        ...before,
        name: values.name,
        token: values.token,
        number: values.number ?? before?.number ?? '5511999990000',
        isConnected: isOn,
        isLoggedIn: isOn,
      };
      sessions.set(session.name, session);
      return session;
    },
    named(name: string): Session {
      const session = sessions.get(name);
      if (session === undefined) throw new Refusal(404, `there is no instance ${name}`);
      return session;
    },
    withToken: (token: string | undefined): Session | undefined =>
      [...sessions.values()].find((session) => session.token === token),
  };
}
export type World = ReturnType<typeof createWorld>;

export const newApiId = (): string => `3EB0${randomBytes(9).toString('hex').toUpperCase()}`;
export const newPhoneId = (): string => `3A${randomBytes(9).toString('hex').toUpperCase()}`;
