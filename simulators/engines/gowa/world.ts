import { randomBytes, randomUUID } from 'node:crypto';
import type { SentMessage, SimulatedInstance } from '../engine-simulator.ts';
import { Refusal } from './refusal.ts';

export interface Webhook {
  readonly webhook_url: string;
  readonly webhook_secret: string;
  readonly webhook_events: string;
  readonly webhook_insecure_skip_verify: boolean;
}

export interface StoredFile {
  readonly bytes: Buffer;
  readonly mimeType: string;
  readonly fileName: string;
  /** Below `statics/`, while it is kept. */
  path: string | undefined;
}

export interface StoredMessage {
  readonly id: string;
  readonly chat: string;
  readonly isOurs: boolean;
  readonly file: StoredFile | undefined;
}

export interface Device extends SimulatedInstance {
  isConnected: boolean;
  isLoggedIn: boolean;
  webhook: Webhook | undefined;
  readonly sent: SentMessage[];
  readonly messages: Map<string, StoredMessage>;
}

/** The devices of one process. */
export function createWorld() {
  const devices = new Map<string, Device>();
  return {
    devices,
    add(values: { name: string; token: string; number?: string; connected?: boolean }): Device {
      const before = devices.get(values.name);
      const isOn = values.connected ?? true;
      const device: Device = {
        webhook: undefined,
        sent: [],
        messages: new Map(),
        ...before,
        name: values.name,
        token: values.token,
        number: values.number ?? before?.number ?? '5511999990000',
        isConnected: isOn,
        isLoggedIn: isOn,
      };
      devices.set(device.name, device);
      return device;
    },
    named(name: string): Device {
      const device = devices.get(name);
      if (device === undefined)
        throw new Refusal(404, 'DEVICE_NOT_FOUND', 'device not found; create a device first or provide a valid X-Device-Id');
      return device;
    },
    fileAt(path: string): StoredFile | undefined {
      const files = [...devices.values()].flatMap(({ messages }) => [...messages.values()].map(({ file }) => file));
      return files.find((file) => file?.path === path);
    },
  };
}
export type World = ReturnType<typeof createWorld>;

export const newApiId = (): string => `3EB0${randomBytes(9).toString('hex').toUpperCase()}`;
export const newPhoneId = (): string => `3A${randomBytes(9).toString('hex').toUpperCase()}`;

/** What was downloaded gets a name that says nothing but its type. */
export function newPath(mimeType: string): string {
  const type = mimeType.split(';', 1)[0]?.split('/')[1] ?? 'bin';
  return `statics/media/${Math.floor(Date.now() / 1_000)}-${randomUUID()}.${type === 'jpeg' ? 'jpe' : type}`;
}
