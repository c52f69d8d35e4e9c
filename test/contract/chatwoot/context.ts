import { randomBytes, randomInt } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { atLeast } from '../../../simulators/chatwoot/features.ts';
import type { Chatwoot, Observation } from './case.ts';
import { normalise } from './normalise.ts';
import type { Receiver } from './receiver.ts';
import { type Answer, at, type CallOptions, send, type Target } from './target.ts';

const POLL_MS = 20;

/** What a run has made, so that it can be taken away. */
interface Made {
  readonly inboxes: Set<number>;
  readonly contacts: Set<number>;
}

/** One run against one target: the same for all of its cases, but for what each observes. */
export interface Run {
  /** What a case works with, and where its observations go. */
  context(observations: Observation[]): Chatwoot;
  /** Requests made, as `POST conversations/:id/messages`. */
  readonly operations: ReadonlySet<string>;
  /** Takes away what was made; tells what could not be. */
  cleanUp(): Promise<string[]>;
}

const shownBody = ({ contentType, text, body }: Answer): unknown =>
  body === undefined ? (/html/.test(contentType) ? '<page>' : text) : body;

const operationOf = (method: string, path: string): string =>
  `${method} ${path
    .replace(/^@\//, '')
    .replace(/\?.*/, '')
    .split('/')
    .map((part) => (/^\d+$/.test(part) ? ':id' : part))
    .join('/')}`;

function idOf(answer: Answer, what: string, ...path: string[]): number {
  const id = at(answer.body, ...path);
  if (answer.status !== 200 || typeof id !== 'number') throw new Error(`${what}: ${answer.status} ${answer.text.slice(0, 300)}`);
  return id;
}

/** Polls until `probe` gives something; throws, with its last error, when the time is up. */
async function untilTruthy<T>(patienceMs: number, what: string, probe: () => T | Promise<T>): Promise<NonNullable<T>> {
  const deadline = Date.now() + patienceMs;
  let cause: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value) return value;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > deadline) throw new Error(`${what}: not within ${patienceMs} ms`, { cause });
    await delay(POLL_MS);
  }
}

/** Deletes inboxes first: their conversations go with them. */
async function takeAway(target: Target, made: Made): Promise<string[]> {
  const paths = [...[...made.inboxes].map((id) => `/inboxes/${id}`), ...[...made.contacts].map((id) => `/contacts/${id}`)];
  const left: string[] = [];
  for (const path of paths) {
    const answer = await send(target, 'DELETE', `@${path}`).catch(() => undefined);
    if (answer?.status !== 200 && answer?.status !== 404) left.push(path);
  }
  return left;
}

export function createRun(target: Target, receiver: Receiver): Run {
  const run = `ponte-contract-${randomBytes(4).toString('hex')}`;
  const labels = new Map<string, string>([
    [target.url, 'chatwoot'],
    [receiver.address('').replace(/\/$/, ''), 'receiver'],
  ]);
  const made: Made = { inboxes: new Set(), contacts: new Set() };
  const operations = new Set<string>();
  let count = 0;
  let shared: Promise<number> | undefined;

  function unique(label: string): string {
    count++;
    const text = `${run}-${label}-${String(count).padStart(4, '0')}`;
    labels.set(text, label);
    return text;
  }

  function track(method: string, path: string, answer: Answer): void {
    operations.add(operationOf(method, path));
    if (method !== 'POST' || answer.status !== 200) return;
    if (path === '@/inboxes') made.inboxes.add(Number(at(answer.body, 'id')));
    if (path === '@/contacts') made.contacts.add(Number(at(answer.body, 'payload', 'contact', 'id')));
  }

  async function ask(method: string, path: string, body?: unknown, options?: CallOptions): Promise<Answer> {
    const answer = await send(target, method, path, body, options);
    track(method, path, answer);
    return answer;
  }

  async function inbox(values: Record<string, unknown> = {}, channel: Record<string, unknown> = {}): Promise<number> {
    const body = { name: unique('inbox'), ...values, channel: { type: 'api', ...channel } };
    return idOf(await ask('POST', '@/inboxes', body), 'an inbox could not be made', 'id');
  }
  const sharedInbox = (): Promise<number> => {
    shared ??= inbox();
    return shared;
  };

  const contact: Chatwoot['contact'] = async (inbox_id, values = {}) => {
    const sourceId = unique('source');
    const answer = await ask('POST', '@/contacts', { name: unique('contact'), inbox_id, source_id: sourceId, ...values });
    return { id: idOf(answer, 'a contact could not be made', 'payload', 'contact', 'id'), sourceId };
  };

  const conversation: Chatwoot['conversation'] = async (inbox_id, { id, sourceId }, values = {}) => {
    const answer = await ask('POST', '@/conversations', { inbox_id, contact_id: id, source_id: sourceId, ...values });
    return idOf(answer, 'a conversation could not be made', 'id');
  };

  function context(observations: Observation[]): Chatwoot {
    const observe = (label: string, value: unknown) => void observations.push({ label, value: normalise(value, { labels }) });
    return {
      target,
      receiver,
      since: (version) => atLeast(target.version, version),
      ask,
      observe,
      unique,
      inbox,
      sharedInbox,
      contact,
      conversation,
      async call(method, path, body, options) {
        const answer = await ask(method, path, body, options);
        const { status, contentType } = answer;
        observe(operationOf(method, path), { status, contentType, body: shownBody(answer) });
        return answer;
      },
      phone() {
        const digits = `55119${randomInt(10_000_000, 99_999_999)}`;
        labels.set(digits, 'phone');
        return digits;
      },
      async chat(inboxId) {
        const id = inboxId ?? (await sharedInbox());
        const person = await contact(id);
        const number = await conversation(id, person);
        return {
          inboxId: id,
          contactId: person.id,
          sourceId: person.sourceId,
          conversation: number,
          messages: `@/conversations/${number}/messages`,
        };
      },
      async post(chat, values) {
        return idOf(await ask('POST', chat.messages, values), 'a message could not be posted', 'id');
      },
      eventually: (what, probe) => untilTruthy(target.patienceMs, what, probe),
    };
  }

  return { context, operations, cleanUp: () => takeAway(target, made) };
}
