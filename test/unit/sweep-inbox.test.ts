import { pino } from 'pino';
import { expect, it } from 'vitest';
import { createSweepInbox } from '../../bridge/catch-up/sweep-inbox.ts';
import type { ChatwootClient } from '../../bridge/chatwoot/client.ts';
import type { IntegrationSecrets } from '../../bridge/integrations/secrets.ts';
import type { IntegrationRow } from '../../bridge/integrations/store.ts';
import { useVirtualTime } from '../support/virtual-time.ts';

const { pass } = useVirtualTime();

const MINUTE_MS = 60_000;
// A sweep needs no more of it than this.
const ROW = {
  id: 'int_1',
  leaseEpoch: 1,
  inboxId: 2,
  caughtUpTo: 0,
  chatwootBaseUrl: 'https://chat.example.com',
} as IntegrationRow;

it('looks last at conversations on which Chatwoot chokes, and lets them hold the mark for an hour, not for ever', async () => {
  const choking = new Set([1, 2, 3]);
  const asked: number[] = [];
  const taken = new Set<number>();
  let mark = 0;
  const listed = [1, 2, 3, 4].map((id) => ({ id, last_non_activity_message: { id: 10 * id, created_at: 0 } }));
  const client = {
    conversations: { inInbox: async (_inbox: number, page: number) => ({ ok: true, value: page === 1 ? listed : [] }) },
    messages: {
      page: async (id: number) => {
        asked.push(id);
        return choking.has(id)
          ? { ok: false, failure: { kind: 'unknown' } }
          : { ok: true, value: { contact: null, messages: [{ id: 10 * id }] } };
      },
    },
  };
  const sweep = createSweepInbox({
    store: {
      raiseMark: async (_row, to) => {
        mark = to;
      },
      known: async () => new Set(),
      recentConversations: async () => [],
    },
    secrets: { accessOf: () => ({}) } as unknown as IntegrationSecrets,
    chatwoot: () => client as unknown as ChatwootClient,
    clock: { nowMs: async () => Date.now() },
    takeUntold: async (_row, messages) => {
      for (const { id } of messages) taken.add(id);
    },
    logger: pino({ level: 'silent' }),
  });
  const look = () => sweep(ROW, { isSuspect: false, signal: new AbortController().signal });

  expect(await look()).toBe('failed');
  expect(asked).toEqual([1, 2, 3]);
  expect(await look()).toBe('failed');
  expect([...taken]).toEqual([40]);
  for (let minute = 2; minute < 60; minute += 1) {
    await pass(MINUTE_MS);
    expect(await look()).toBe('failed');
  }
  // One that is well again by then has lost nothing.
  choking.delete(2);
  await pass(MINUTE_MS);
  expect(await look()).toBe('failed');
  expect([...taken]).toEqual([40, 20]);
  expect(mark).toBe(0);
  await pass(2 * MINUTE_MS);
  expect(await look()).toBe('done');
  expect(mark).toBe(40);
});
