import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createLookBack, LEFT_UNSEEN } from '../../bridge/catch-up/look-back.ts';
import type { ChatwootClient } from '../../bridge/chatwoot/client.ts';
import type { IntegrationSecrets } from '../../bridge/integrations/secrets.ts';
import type { IntegrationRow } from '../../bridge/integrations/store.ts';
import { BRIDGE_TIMEOUTS } from '../../bridge/timeouts.ts';
import { useVirtualTime } from '../support/virtual-time.ts';

const { pass } = useVirtualTime();

const TIMING = BRIDGE_TIMEOUTS.replies;
// A look needs no more of it than this.
const ROW = { id: 'int_1', leaseEpoch: 1, inboxId: 2, chatwootBaseUrl: 'https://chat.example.com' } as IntegrationRow;

interface Listed {
  id: number;
  created_at?: number;
  content_type?: string;
}

/** A Chatwoot that says what was written before a message, or fails to, and what it was asked. */
function createChatwoot() {
  const state = {
    says: true,
    isGone: false,
    asked: 0,
    mark: 10 as number | null,
    listed: [{ id: 39 }, { id: 40, created_at: 1 }] as Listed[],
    ranges: [] as unknown[],
    budgets: [] as unknown[],
    found: [] as number[][],
    taken: [] as unknown[],
    log: [] as unknown[],
  };
  const page = async (_conversationId: number, range: unknown) => {
    state.asked += 1;
    state.ranges.push(range);
    if (state.isGone) return { ok: false, failure: { kind: 'absent' } };
    return state.says
      ? { ok: true, value: { contact: { id: 5 }, messages: state.listed } }
      : { ok: false, failure: { kind: 'unknown' } };
  };
  const { signal } = new AbortController();
  const lookBack = createLookBack({
    store: { mark: async () => state.mark },
    secrets: { accessOf: () => ({}) } as unknown as IntegrationSecrets,
    chatwoot: (_access, budget) => {
      state.budgets.push(budget);
      return { messages: { page } } as unknown as ChatwootClient;
    },
    takeUntold: async (_row, messages, place, nowMs) => {
      state.found.push(messages.map(({ id }) => id));
      state.taken.push([place, nowMs]);
    },
    timing: TIMING,
    signal,
    logger: pino({ level: 'warn' }, { write: (line: string) => void state.log.push(JSON.parse(line)) }),
  });
  const look = (chatwootMessageId = 40, given: Partial<IntegrationRow> = {}, conversationId = 3) =>
    lookBack({ ...ROW, ...given }, { conversationId, chatwootMessageId });
  return { state, signal, look };
}

describe('what was written before a reply', () => {
  it('is asked for once, and known from then on', async () => {
    const { state, look } = createChatwoot();
    expect([await look(), await look(), await look(39)]).toEqual(['looked', 'known', 'known']);
    expect(state).toMatchObject({ asked: 1, found: [[39, 40]] });
    expect(await look(41)).toBe('looked');
  });

  it('has no order where the conversation is gone', async () => {
    const { state, look } = createChatwoot();
    state.isGone = true;
    expect(await look()).toBe('known');
  });

  it('is waited for while Chatwoot does not say it, asked again every second, and for 30 s at most', async () => {
    const { state, look } = createChatwoot();
    state.says = false;
    expect([await look(), await look()]).toEqual(['unsaid', 'unsaid']);
    expect(state.asked).toBe(1);
    for (let second = 1; second < 30; second += 1) {
      await pass(1_000);
      expect(await look()).toBe('unsaid');
    }
    expect(state.log).toEqual([]);
    await pass(1_000);
    expect(await look()).toBe('known');
    expect(state.asked).toBe(31);
    const which = { integrationId: 'int_1', conversationId: 3, chatwootMessageId: 40 };
    expect(state.log).toEqual([expect.objectContaining({ ...which, msg: LEFT_UNSEEN })]);
    // Away: from now on it is asked seldom, and holds nothing up.
    await pass(29_000);
    expect(await look()).toBe('known');
    expect(state.asked).toBe(31);
    await pass(1_000);
    expect(await look()).toBe('known');
    expect(state.asked).toBe(32);
  });

  it('is waited for anew after Chatwoot has said it again, and where it was not asked for long', async () => {
    const { state, look } = createChatwoot();
    state.says = false;
    await look();
    await pass(20_000);
    state.says = true;
    expect(await look()).toBe('looked');
    state.says = false;
    await pass(11_000);
    expect(await look(41)).toBe('unsaid');
    await pass(TIMING.unsaidAgainMs + TIMING.unsaidMs);
    expect(await look(41)).toBe('unsaid');
  });

  it('is known of one conversation, for one holding of the lease', async () => {
    const { state, look } = createChatwoot();
    await look();
    expect(await look(40, {}, 4)).toBe('looked');
    expect(await look(40, { id: 'int_2' })).toBe('looked');
    // Another process may have sent meanwhile.
    expect(await look(40, { leaseEpoch: 2 })).toBe('looked');
    expect(await look()).toBe('known');
    expect(state.asked).toBe(4);
  });

  it('of one integration that is not said holds up no other', async () => {
    const { state, look } = createChatwoot();
    state.says = false;
    expect(await look()).toBe('unsaid');
    state.says = true;
    expect(await look(40, { id: 'int_2' })).toBe('looked');
  });

  it('is asked for up to the message at first, then from where all was known, for three seconds at most', async () => {
    const { state, signal, look } = createChatwoot();
    await look();
    await look(41);
    state.mark = 45;
    await look(50);
    expect(state.ranges).toEqual([{ before: 41 }, { after: 40 }, { after: 45 }]);
    expect(state.budgets[0]).toEqual({ endsAtMs: Date.now() + 3_000, signal });
  });

  it('counts as known as far as Chatwoot has listed it, were that more than was asked for', async () => {
    const { state, look } = createChatwoot();
    state.listed = [{ id: 39 }, { id: 44 }, { id: 40 }];
    await look();
    expect([await look(44), state.asked]).toEqual(['known', 1]);
    expect(await look(45)).toBe('looked');
  });

  it('is not asked for where Ponte had no inbox yet, or nothing of it is Ponte’s', async () => {
    const { state, look } = createChatwoot();
    expect(await look(40, { inboxId: null })).toBe('known');
    state.mark = null;
    expect(await look()).toBe('known');
    expect(state.asked).toBe(0);
  });

  it('is taken without what is from before Ponte, and without surveys, whose address stands with the conversation alone', async () => {
    const { state, look } = createChatwoot();
    state.listed = [{ id: 10 }, { id: 11 }, { id: 38, content_type: 'input_csat' }, { id: 39, content_type: 'text' }, { id: 40 }];
    await look();
    expect(state.found).toEqual([[11, 39, 40]]);
  });

  it('is as old as it was when the reply was written, by Chatwoot’s clock; by ours, where Chatwoot does not list that', async () => {
    const { state, look } = createChatwoot();
    const place = { inboxId: 2, conversationId: 3, contact: { id: 5 }, chatwootBaseUrl: ROW.chatwootBaseUrl };
    state.listed = [
      { id: 39, created_at: 1_700_000_000 },
      { id: 40, created_at: 1_700_000_060 },
    ];
    await look();
    await look(41);
    expect(state.taken).toEqual([
      [place, 1_700_000_060_000],
      [place, Date.now()],
    ]);
  });

  it('is forgotten of the conversation that was not looked at for longest, beyond 20,000 of them', async () => {
    const { state, look } = createChatwoot();
    state.listed = [];
    for (let conversationId = 1; conversationId <= 20_000; conversationId += 1) await look(40, {}, conversationId);
    await look(41, {}, 1);
    expect(await look(40, {}, 2)).toBe('known');
    await look(40, {}, 20_001);
    expect([await look(41, {}, 1), await look(40, {}, 3)]).toEqual(['known', 'known']);
    expect(await look(40, {}, 2)).toBe('looked');
  });
});
