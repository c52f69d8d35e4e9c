import { randomBytes } from 'node:crypto';
import type { SentMessage, SimulatedInstance } from '../engine-simulator.ts';

export interface StoredFile {
  readonly id: string;
  readonly number: string;
  readonly bytes: Buffer;
  readonly mimeType: string;
  readonly fileName: string;
  /** Its address, once asked for, and until when that is good. */
  address?: { readonly key: string; readonly untilMs: number };
}

/** A phone number of a business account. */
export interface PhoneNumber extends SimulatedInstance {
  registered: boolean;
  /** Where its events go before anywhere else. */
  override: string | undefined;
  readonly sent: SentMessage[];
  /** Messages of both sides: with whom. */
  readonly messages: Map<string, { readonly with: string; readonly incoming: boolean; readonly data: string | undefined }>;
  /** When each customer wrote last. */
  readonly lastIncomingMs: Map<string, number>;
}

export const ACCOUNT_ID = '102290129340398';
export const APP_ID = '634974688087057';

/** Numbers, files and who is subscribed: one business account, one app. */
export function createWorld() {
  const numbers = new Map<string, PhoneNumber>();
  const files = new Map<string, StoredFile>();
  let lastFile = 1_013_859_600_000_000;
  return {
    numbers,
    files,
    isSubscribed: false,
    accountAddress: undefined as string | undefined,
    add(values: { name: string; token: string; number?: string; connected?: boolean }): PhoneNumber {
      const before = numbers.get(values.name);
      const number: PhoneNumber = {
        name: values.name,
        token: values.token,
        number: values.number ?? before?.number ?? '551130000000',
        registered: values.connected ?? before?.registered ?? true,
        override: before?.override,
        sent: before?.sent ?? [],
        messages: before?.messages ?? new Map(),
        lastIncomingMs: before?.lastIncomingMs ?? new Map(),
      };
      numbers.set(number.name, number);
      return number;
    },
    named(name: string): PhoneNumber {
      const number = numbers.get(name);
      if (!number) throw new Error(`there is no phone number ${name}`);
      return number;
    },
    addFile(number: string, file: { bytes: Buffer; mimeType: string; fileName: string }): StoredFile {
      lastFile += 7;
      const stored = { id: String(lastFile), number, ...file };
      files.set(stored.id, stored);
      return stored;
    },
  };
}
export type World = ReturnType<typeof createWorld>;

/** Base64, with everything that base64 may hold. */
export const newMessageId = (): string => `wamid.HBgN${randomBytes(22).toString('base64')}`;
